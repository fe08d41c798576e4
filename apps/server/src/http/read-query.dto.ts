import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { QueryNumber } from './numbers';

/** What every read may say about how fresh it must be. */
export class ReadQuery {
  /** `linearizable` (default), or `stale`: the state of the replica that is asked. */
  @ApiPropertyOptional({ enum: ['linearizable', 'stale'] })
  @IsOptional()
  @IsIn(['linearizable', 'stale'])
  consistency?: 'linearizable' | 'stale';

  /** With `stale`: wait until this replica has executed that op. */
  @ApiPropertyOptional()
  @IsOptional()
  @QueryNumber()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  minOp?: number;
}
