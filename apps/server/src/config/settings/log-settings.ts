import { IsIn, IsOptional } from 'class-validator';
import { LOG_LEVELS, type LogLevel } from '../log-level';

export class LogSettings {
  /** `info` without it. */
  @IsOptional()
  @IsIn(LOG_LEVELS)
  level?: LogLevel;
}
