import {
  LOCKS_SERVICE,
  decodeLockEventRecord,
  type LockEvent,
  type LockEventRecord,
} from '@lockstep/state-machines';
import type { EventPosition, Execution, ExecutedEvent } from '@lockstep/vr-core';
import type { Doorkeeper } from './door';
import type { JsonObject } from './json';
import { Problem } from './problem';
import { present } from './service-contract';

export const HISTORY_MAX = 1_000;

type HistoryLog = Pick<
  Execution,
  'eventsSince' | 'oldestEventOp' | 'executed' | 'isWhole' | 'clusterMs'
>;

/** Events looked at in one turn of the event loop. */
const EVENTS_A_TURN = 500;
/** Looks through the whole log that are under way at once: they take turns with everything else. */
const READERS_MAX = 4;

/** One owner of a lock, from the grant to its end as far as both are still in the log. */
interface Tenure {
  readonly fence: bigint;
  mode: string;
  readonly session: string;
  readonly owner: string;
  readonly request: string;
  readonly from?: Place;
  end?: Place & { readonly cause: string; readonly by?: string; readonly reason?: string };
}

interface Place {
  readonly op: number;
  readonly atMs: number;
}

/** Who has held a lock, from the retained event log. */
export class LockHistories {
  private readonly log: HistoryLog;
  private readonly door: Doorkeeper;
  private readers = 0;

  constructor(log: HistoryLog, door: Doorkeeper) {
    this.log = log;
    this.door = door;
  }

  /** Newest first. Rejects with `Problem`. */
  async read(lock: string, limit: number): Promise<JsonObject> {
    if (this.door.refusal !== undefined) throw this.door.refusal;
    if (this.readers >= READERS_MAX) throw new Problem('busy', undefined, { retryAfterMs: 1_000 });
    this.readers += 1;
    try {
      return await this.lookThrough(lock, limit);
    } finally {
      this.readers -= 1;
    }
  }

  private async lookThrough(lock: string, limit: number): Promise<JsonObject> {
    const { log } = this;
    const oldest = log.oldestEventOp();
    const tenures = new Tenures(limit);
    const name = Buffer.from(lock, 'utf8');
    let place: EventPosition = { opNumber: 0 as EventPosition['opNumber'], n: 0 };
    for (;;) {
      if (!log.isWhole)
        throw new Problem('too-stale', 'The state of this replica is being fetched.');
      const events = log.eventsSince(place, EVENTS_A_TURN);
      for (const event of events) take(event, lock, name, tenures);
      const last = events.at(-1);
      if (last === undefined || events.length < EVENTS_A_TURN) break;
      place = { opNumber: last.opNumber, n: last.n };
      await new Promise(setImmediate);
    }
    return {
      lock,
      op: `${log.executed}`,
      completeFrom: `${oldest}`,
      owners: tenures.newestFirst(log.clusterMs),
    };
  }
}

/** Most events are about other locks: the name is looked for in the bytes before they are read. */
function take(event: ExecutedEvent, lock: string, name: Buffer, tenures: Tenures): void {
  if (event.service !== LOCKS_SERVICE) return;
  const { buffer, byteOffset, byteLength } = event.bytes;
  if (!Buffer.from(buffer, byteOffset, byteLength).includes(name)) return;
  const record = decodeLockEventRecord(event.bytes);
  if ('lock' in record.event && record.event.lock === lock) tenures.take(record, event.opNumber);
}

type Held = Extract<LockEvent, { readonly kind: 'lock.granted' | 'lock.converted' }>;

class Tenures {
  private readonly byFence = new Map<bigint, Tenure>();
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  take({ atMs, event }: LockEventRecord, op: number): void {
    const place = { op, atMs };
    switch (event.kind) {
      case 'lock.granted':
        this.begin(event, place);
        break;
      case 'lock.converted':
        this.convert(event, place);
        break;
      case 'lock.released': {
        const tenure = this.byFence.get(event.fence) ?? this.begin(event, undefined);
        tenure.end ??= { ...place, cause: event.cause };
        break;
      }
      case 'lock.broken': {
        const tenure = this.byFence.get(event.fence) ?? this.begin(event, undefined);
        const { by, reason } = event;
        tenure.end = { ...place, cause: 'broken', by, reason };
        break;
      }
      default:
        break;
    }
  }

  newestFirst(nowMs: number): JsonObject[] {
    return [...this.byFence.values()].reverse().map((tenure) => tenureJson(tenure, nowMs));
  }

  private begin(
    { fence, mode, session, owner, request }: Omit<Held, 'kind' | 'lock'>,
    from: Place | undefined,
  ): Tenure {
    const known = this.byFence.get(fence);
    // A nested grant goes on under the fence of the first.
    if (known !== undefined) return known;
    const tenure: Tenure = { fence, mode, session, owner, request, ...(from && { from }) };
    this.byFence.set(fence, tenure);
    if (this.byFence.size > this.limit) this.dropOldest();
    return tenure;
  }

  /** A weaker mode keeps the fence; a stronger one is a grant of its own, which ends the one before. */
  private convert(event: Held, place: Place): void {
    const known = this.byFence.get(event.fence);
    if (known !== undefined) {
      known.mode = event.mode;
      return;
    }
    for (const tenure of this.byFence.values())
      if (tenure.session === event.session && tenure.owner === event.owner)
        tenure.end ??= { ...place, cause: 'converted' };
    this.begin(event, place);
  }

  private dropOldest(): void {
    const [oldest] = this.byFence.keys();
    if (oldest !== undefined) this.byFence.delete(oldest);
  }
}

function tenureJson({ from, end, fence, ...who }: Tenure, nowMs: number): JsonObject {
  return present({
    fence: `${fence}`,
    ...who,
    grantedOp: from && `${from.op}`,
    grantedAgoMs: from && Math.max(0, nowMs - from.atMs),
    heldMs: from && Math.max(0, (end?.atMs ?? nowMs) - from.atMs),
    endedOp: end && `${end.op}`,
    cause: end?.cause,
    by: end?.by,
    reason: end?.reason,
  });
}
