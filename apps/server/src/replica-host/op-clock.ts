import { sealedOf, type Store } from '@lockstep/vr-core';
import { BYTES, COUNTS, SECONDS, type Tally } from '../observability/metrics/tally';
import type { Meters } from '../observability/metrics/meters';

/** When one op passed each stage here, in milliseconds of the monotonic clock; 0 while it has not, or is not known. */
export interface OpTimes {
  /** The entry came into the log here: made by this primary, or received from it. */
  readonly loggedMs: number;
  readonly storedMs: number;
  readonly committedMs: number;
}

/** Ops whose times are kept: all that can be on their way, and the slow ones among those answered lately. */
const KEPT = 8192;
const MASK = KEPT - 1;

/**
 * When the newest ops were logged, stored and committed here, from what the core asks its host to do: three numbers an op.
 * The core itself knows no time. (ADR 1)
 */
export class OpClock {
  private readonly op = new Float64Array(KEPT);
  private readonly logged = new Float64Array(KEPT);
  private readonly stored = new Float64Array(KEPT);
  private readonly committed = new Float64Array(KEPT);
  /** When the step of the core that is being carried out began. */
  stepMs = 0;
  private newest = 0;
  private commitSeen: number | undefined;
  private readonly tallies: OpTallies;

  constructor(meters: Meters) {
    this.tallies = defineTallies(meters);
  }

  of(op: number): OpTimes | undefined {
    const at = op & MASK;
    if (this.op[at] !== op) return undefined;
    return {
      loggedMs: this.logged[at] ?? 0,
      storedMs: this.stored[at] ?? 0,
      committedMs: this.committed[at] ?? 0,
    };
  }

  onStore({ log }: Store, nowMs: number): void {
    const last = log?.entries.at(-1);
    if (log === undefined || last === undefined) return;
    this.newest = last.opNumber;
    for (const entry of log.entries) {
      const at = entry.opNumber & MASK;
      this.op[at] = entry.opNumber;
      this.logged[at] = nowMs;
      this.stored[at] = this.committed[at] = 0;
      this.tallies.bytes.observe(entry.encoded.length);
      const requests = sealedOf(entry)?.length;
      if (requests !== undefined) this.tallies.requests.observe(requests);
    }
  }

  onStored({ log }: Store, nowMs: number): void {
    for (const { opNumber: op } of log?.entries ?? []) {
      const at = op & MASK;
      if (this.op[at] !== op || this.stored[at] !== 0) continue;
      this.stored[at] = nowMs;
      this.tallies.stored.observe((nowMs - (this.logged[at] ?? nowMs)) / 1000);
    }
  }

  /** After a turn, and before an answer of the turn is told: what it has committed, it has executed as well. */
  committedThrough(commit: number, nowMs: number): void {
    const seen = this.commitSeen ?? commit;
    this.commitSeen = Math.max(commit, seen);
    // What is older is not kept; with the state of a later generation the commit-number leaps by 2^44. (ADR 21)
    const first = Math.max(seen, this.newest - KEPT, commit - KEPT) + 1;
    for (let op = first; op <= commit; op += 1) {
      const at = op & MASK;
      if (this.op[at] !== op || this.committed[at] !== 0) continue;
      this.committed[at] = nowMs;
      this.tallies.committed.observe((nowMs - (this.logged[at] ?? nowMs)) / 1000);
    }
  }
}

interface OpTallies {
  readonly requests: Tally;
  readonly bytes: Tally;
  readonly stored: Tally;
  readonly committed: Tally;
}

function defineTallies(meters: Meters): OpTallies {
  return {
    requests: meters.histogram(
      'lockstep_entry_requests',
      'Requests in one entry of the log that was made here',
      COUNTS,
    ),
    bytes: meters.histogram('lockstep_entry_bytes', 'Bytes of one entry of the log', BYTES),
    stored: meters.histogram(
      'lockstep_op_store_seconds',
      'From an entry in the log here until it is durable here',
      SECONDS,
    ),
    committed: meters.histogram(
      'lockstep_op_commit_seconds',
      'From an entry in the log here until it is known here to be committed, and executed',
      SECONDS,
    ),
  };
}
