import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { LOG_LEVELS, type LogLevel } from '../log-level';

export class LogSettings {
  /** `info` without it. */
  @IsOptional()
  @IsIn(LOG_LEVELS)
  level?: LogLevel;

  /** A call that takes as many milliseconds is told of, with where the time went. */
  @IsInt()
  @Min(1)
  @Max(600_000)
  slowMs = 1_000;
}
