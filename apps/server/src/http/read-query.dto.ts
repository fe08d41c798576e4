import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { CONSISTENCIES, type ReadConsistency } from '../contract/consistency';
import { QueryNumber } from './numbers';

/** What every read may say about how fresh it must be. */
export class ReadQuery {
  /**
   * `linearizable` (default); `lease`: the same, by the primary's lease or not at all; `stale`: the state of the replica
   * that is asked.
   */
  @ApiPropertyOptional({ enum: CONSISTENCIES })
  @IsOptional()
  @IsIn(CONSISTENCIES)
  consistency?: ReadConsistency;

  /** With `stale`: wait until this replica has executed that op. */
  @ApiPropertyOptional()
  @IsOptional()
  @QueryNumber()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  minOp?: number;
}
