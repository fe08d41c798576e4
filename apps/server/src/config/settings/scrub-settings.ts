import { IsInt, Max, Min } from 'class-validator';
import { DEFAULT_PACE, type ScrubPace } from '../../storage/scrub/scrub-pace';

/** How fast a replica reads again what is on its disk. (docs/scrubbing.md) */
export class ScrubSettings implements ScrubPace {
  /** While a pass lasts; 0: nothing is read. */
  @IsInt()
  @Min(0)
  @Max(1 << 30)
  bytesPerSecond = DEFAULT_PACE.bytesPerSecond;

  /** Between two passes. */
  @IsInt()
  @Min(10)
  @Max(7 * 24 * 3_600_000)
  pauseMs = DEFAULT_PACE.pauseMs;
}
