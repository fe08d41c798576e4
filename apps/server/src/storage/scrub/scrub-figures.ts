/** What the scrubber has done since the start, for metrics. */
export interface ScrubFigures {
  /** Read and compared. */
  readonly bytes: number;
  /** Whole ones. */
  readonly passes: number;
  readonly found: number;
  readonly repaired: number;
  /** Found, and not repaired yet. */
  readonly damaged: number;
  /** When the last whole pass ended, in seconds since 1970, and how long it took; 0 before the first. */
  readonly lastPassAt: number;
  readonly lastPassSeconds: number;
}

export const NOT_SCRUBBED: ScrubFigures = {
  bytes: 0,
  passes: 0,
  found: 0,
  repaired: 0,
  damaged: 0,
  lastPassAt: 0,
  lastPassSeconds: 0,
};
