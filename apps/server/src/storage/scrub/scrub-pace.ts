/** How fast the disk is read. */
export interface ScrubPace {
  /** While a pass lasts; 0: nothing is read. */
  readonly bytesPerSecond: number;
  /** Between two passes. */
  readonly pauseMs: number;
}

/** A folder of 160 GB is through in a day, and a small one every hour; it is not felt beside the log. */
export const DEFAULT_PACE: ScrubPace = { bytesPerSecond: 2 << 20, pauseMs: 3_600_000 };
