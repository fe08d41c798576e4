import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';

/** Where REST, `/client` and `/peers` listen; what is absent is taken from the replica's own URL. */
export class ListenSettings {
  /** An address of this machine, or `0.0.0.0` or `::` for all of them. */
  @IsOptional()
  @IsString()
  @Length(1, 255)
  host?: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(65_535)
  port?: number;
}
