import { holds } from '../violation';

/** Where an operation stands in the one order: reads stand behind everything in the op they saw. (decision 27) */
export interface Place {
  readonly opNumber: number;
  readonly index: number;
}

/** What a client knew to be over when it asked. */
export interface Asked {
  readonly floor: Place;
}

/** What clients ask of stale reads. */
export const MAX_STALENESS_MS = 5000;

const START: Place = { opNumber: 0, index: -1 };

/**
 * The histories of all clients together are linearizable: the place of each operation in the log is its witness, so
 * it only remains to check that whatever was over before an operation was asked stands before it. (Herlihy and Wing
 * 1990; decision 27)
 */
export class ClientHistory {
  /** The last place anyone has been told of. */
  private told: Place = START;
  operations = 0;
  /** Reads that were answered from a lease. */
  leased = 0;
  private readonly leasesHold: boolean;

  /** Without `leasesHold` the clocks are so bad that a read from a lease may be of any age. */
  constructor(leasesHold = true) {
    this.leasesHold = leasesHold;
  }

  asked(): Asked {
    return { floor: this.told };
  }

  /** A write has been answered. */
  wrote(asked: Asked, place: Place): void {
    this.operations += 1;
    holds(
      'linearizable',
      isBefore(asked.floor, place),
      () => `a write stands at ${text(place)}, asked after ${text(asked.floor)} was over`,
    );
    this.tell(place);
  }

  /** A read that may not be stale has been answered from the state after `opNumber`. */
  read(asked: Asked, { opNumber, served }: { opNumber: number; served: string }): void {
    this.operations += 1;
    if (served === 'lease') {
      this.leased += 1;
      if (!this.leasesHold) return;
    }
    const place = { opNumber, index: Number.POSITIVE_INFINITY };
    holds(
      served === 'lease' ? 'G11 leased reads' : 'linearizable',
      !isBefore(place, asked.floor),
      () => `a read saw op ${opNumber}, asked after ${text(asked.floor)} was over`,
    );
    this.tell(place);
  }

  /** A stale read orders nothing: it only may not be older than it was asked to be. */
  readStale({ opNumber, lagMs }: { opNumber: number; lagMs: number }, minOp: number): void {
    this.operations += 1;
    holds('G12 stale reads', lagMs <= MAX_STALENESS_MS, () => `a read lags ${lagMs} ms behind`);
    holds(
      'G12 stale reads',
      opNumber >= minOp,
      () => `a stale read saw op ${opNumber}, at least ${minOp} was asked for`,
    );
  }

  private tell(place: Place): void {
    if (isBefore(this.told, place)) this.told = place;
  }
}

function isBefore(a: Place, b: Place): boolean {
  return a.opNumber < b.opNumber || (a.opNumber === b.opNumber && a.index < b.index);
}

function text({ opNumber, index }: Place): string {
  return Number.isFinite(index) ? `${opNumber}.${index}` : `${opNumber}`;
}
