import { ClockRates } from '../clock/clock-rates';
import type { ClockReading, Countdown } from '../clock/lease-clock';
import type { Incarnation, ReplicaNumber } from '../numbers/numbers';
import type { Viewstamp } from '../numbers/viewstamp';

/** What a replica knows of leases: held as primary, granted as backup, waited for as a new primary. (VRR §6.3.1) */
export interface Leases {
  /** At the primary: when beats were sent, by rising beat; of one millisecond only the first. */
  marks: BeatMark[];
  /** At the primary: how the clocks of the others run beside ours. */
  rates: ClockRates;
  /** At a new primary: nothing is committed before this is over. */
  wait: Countdown | undefined;
  /** To the primary of the latest view that this replica has heard. */
  grant: Grant | undefined;
  /** To primaries before that one, or, from its start on, whatever an earlier life may have granted. */
  earlier: Countdown | undefined;
}

export interface BeatMark extends ClockReading {
  readonly beat: number;
}

/** "I let nobody else commit for a lease's time after I last heard you." Renewed with every PREPARE and COMMIT. */
export interface Grant extends Viewstamp {
  readonly to: ReplicaNumber;
  readonly incarnation: Incarnation;
  /** When it was last renewed. */
  since: ClockReading;
  /** The primary has said that it does not read by itself in that view any more. */
  ended: boolean;
}

export function initialLeases(): Leases {
  return {
    marks: [],
    rates: new ClockRates(),
    wait: undefined,
    grant: undefined,
    earlier: undefined,
  };
}
