import { IsInt, IsOptional, Max, Min } from 'class-validator';

/** What a replica takes on. None of it bounds what keeps sessions alive. */
export class LimitSettings {
  /** What is taken is to be answered within about this time; what could not be is turned away at once. */
  @IsInt()
  @Min(10)
  @Max(60_000)
  targetMs = 500;

  /** Operations and reads a second of one principal at one replica; as many as the replica takes without it. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  operationsPerSecond?: number;

  /** So many of them at once, after a pause; a second's worth without it. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  burst?: number;

  /** Connections of all kinds that are open at a time. */
  @IsInt()
  @Min(16)
  @Max(1_000_000)
  connectionsMax = 10_000;

  /** How long a client may take to send a request. */
  @IsInt()
  @Min(1_000)
  @Max(600_000)
  requestMs = 30_000;
}
