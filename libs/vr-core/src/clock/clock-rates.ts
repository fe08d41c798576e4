import type { Incarnation, ReplicaNumber } from '../numbers/numbers';

/** Rates are compared over at least so much of our own time. */
const WINDOW_MS_MIN = 2_000;

/** Another replica's clock stood at `theirsMs` at some time between `fromMs` and `toMs` of ours. */
export interface ClockSample {
  readonly incarnation: Incarnation;
  readonly fromMs: number;
  readonly toMs: number;
  readonly theirsMs: number;
}

/**
 * Do the other replicas' clocks run at our rate, as far as leases need it? A difference is only said of a replica when
 * the samples prove it, whatever the network did to them. (E37 b; decision 7)
 */
export class ClockRates {
  private readonly anchors: (ClockSample | undefined)[] = [];
  private readonly drifting: boolean[] = [];

  /** True when samples of this replica are due: they cost a little. */
  isDue(from: ReplicaNumber, nowMs: number): boolean {
    const anchor = this.anchors[from];
    return anchor === undefined || nowMs - anchor.toMs >= WINDOW_MS_MIN;
  }

  /** Returns true when it has just been found that the clock of `from` drifts. */
  note(from: ReplicaNumber, sample: ClockSample, drift: number): boolean {
    const anchor = this.anchors[from];
    if (anchor?.incarnation !== sample.incarnation) {
      this.anchors[from] = sample;
      return false;
    }
    // Wide samples need a long window to say anything.
    const blur = sample.toMs - sample.fromMs + (anchor.toMs - anchor.fromMs);
    if (blur > drift * (sample.toMs - anchor.toMs)) return false;
    this.anchors[from] = sample;
    const before = this.drifting[from] === true;
    this.drifting[from] = ratesDiffer(anchor, sample, drift);
    return this.drifting[from] && !before;
  }

  /** Some replica's clock was last seen to drift: it might be the next primary, and wait too short for our lease. */
  get someDrift(): boolean {
    return this.drifting.includes(true);
  }
}

/** Two clocks, each within `drift` of real time, could not have been read like this. The reading is of whole milliseconds. */
export function ratesDiffer(a: ClockSample, b: ClockSample, drift: number): boolean {
  const theirs = b.theirsMs - a.theirsMs;
  const oursAtLeast = b.fromMs - a.toMs;
  const oursAtMost = b.toMs - a.fromMs;
  const ratio = (1 + drift) / (1 - drift);
  return theirs + 1 < oursAtLeast / ratio || theirs - 1 > oursAtMost * ratio;
}
