import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { LOG_LEVELS, type LogLevel } from '../../config/log-level';
import { PROFILE_SECONDS_MAX } from '../../observability/cpu-profile';

export class LogLevelDto {
  @ApiProperty({ enum: LOG_LEVELS })
  @IsIn(LOG_LEVELS)
  level: LogLevel;
}

export class CpuProfileQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: PROFILE_SECONDS_MAX, default: 5 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(PROFILE_SECONDS_MAX)
  seconds?: number;
}
