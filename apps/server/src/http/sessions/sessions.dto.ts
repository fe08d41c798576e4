import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import {
  LOCK_DELAY_MS_MAX,
  SESSION_LIST_MAX,
  TTL_MS_MAX,
  TTL_MS_MIN,
} from '../../contract/sessions-contract';
import { OptionalQueryBoolean } from '../dto-fields';
import { QueryNumber } from '../numbers';
import { ReadQuery } from '../read-query.dto';

export class OpenSessionDto {
  /** The session ends when it has not been kept alive for so long, by the group's clock. */
  @ApiProperty({ minimum: TTL_MS_MIN, maximum: TTL_MS_MAX, example: 15_000 })
  @IsInt()
  @Min(TTL_MS_MIN)
  @Max(TTL_MS_MAX)
  ttlMs: number;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  name?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  metadata?: string;

  /** After an abnormal end its locks are given to nobody for so long. */
  @ApiPropertyOptional({ minimum: 0, maximum: LOCK_DELAY_MS_MAX, default: 0 })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(LOCK_DELAY_MS_MAX)
  lockDelayMs?: number;

  @ApiPropertyOptional({ enum: ['release', 'delete'], default: 'release' })
  @IsOptional()
  @IsIn(['release', 'delete'])
  onEnd?: 'release' | 'delete';
}

export class ListSessionsQuery extends ReadQuery {
  /** The `next` of the page before. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  after?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: SESSION_LIST_MAX })
  @IsOptional()
  @QueryNumber()
  @IsInt()
  @Min(1)
  @Max(SESSION_LIST_MAX)
  limit?: number;

  /** Only sessions whose name starts so. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  prefix?: string;
}

export class CloseSessionQuery {
  /** Another's session, by an admin. */
  @OptionalQueryBoolean()
  force?: boolean;
}
