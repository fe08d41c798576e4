import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { LOCKS_PAGE_MAX, MODES, type Mode } from '@lockstep/state-machines';
import { IsArray, IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { WAIT_MS_MAX } from '../../contract/long-poll';
import { QueryNumber } from '../numbers';
import { ReadQuery } from '../read-query.dto';

/** How a session names its requests itself, so that a retry is known as one. (decision 1) */
class NamedRequest {
  @ApiPropertyOptional()
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  requestNumber?: number;

  /** The answers to all numbers below this have been seen. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  ackedBelow?: number;
}

export class AcquireLockDto extends NamedRequest {
  @ApiProperty({ example: '57-0' })
  @IsString()
  session: string;

  /** Tells apart tasks of one session that lock on their own. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  owner?: string;

  @ApiPropertyOptional({ enum: MODES, default: 'exclusive' })
  @IsOptional()
  @IsIn(MODES)
  mode?: Mode;

  /** How long to stay in the queue, by the group's clock: 0 tries, left out waits as long as the session lives. */
  @ApiPropertyOptional({ minimum: 0 })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(2 ** 40)
  waitMs?: number;

  /** For people: who and why. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  note?: string;

  /** Keep this answer open so long for a grant, instead of answering 202 at once. */
  @ApiPropertyOptional({ minimum: 0, maximum: WAIT_MS_MAX })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(WAIT_MS_MAX)
  holdMs?: number;
}

export class ReleaseLockDto extends NamedRequest {
  @ApiProperty({ example: '57-0' })
  @IsString()
  session: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  owner?: string;

  /** The fence of the grant, as a decimal string; without it nothing that is held is given up, only a wait. */
  @ApiPropertyOptional({ example: '17592186044417' })
  @IsOptional()
  @IsString()
  fence?: string;
}

export class CheckSequencersDto {
  @ApiProperty({ type: [String], maxItems: LOCKS_PAGE_MAX })
  @IsArray()
  @IsString({ each: true })
  sequencers: string[];
}

export class ListLocksQuery extends ReadQuery {
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  prefix?: string;

  @ApiPropertyOptional({ enum: ['any', 'held', 'waited'] })
  @IsOptional()
  @IsIn(['any', 'held', 'waited'])
  state?: 'any' | 'held' | 'waited';

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  after?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: LOCKS_PAGE_MAX })
  @IsOptional()
  @QueryNumber()
  @IsInt()
  @Min(1)
  @Max(LOCKS_PAGE_MAX)
  limit?: number;
}

export class WaitQuery extends ReadQuery {
  /** Answer when it changes, at the latest after this. */
  @ApiPropertyOptional({ minimum: 0, maximum: WAIT_MS_MAX })
  @IsOptional()
  @QueryNumber()
  @IsInt()
  @Min(0)
  @Max(WAIT_MS_MAX)
  waitMs?: number;
}

export class WaitLockQuery extends WaitQuery {
  /** The `Lockstep-Op` of what is known already; 304 when it is still so after `waitMs`. */
  @ApiPropertyOptional()
  @IsOptional()
  @QueryNumber()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  since?: number;
}
