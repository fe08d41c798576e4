import {
  decodeLockOutcome,
  encodeLockOperation,
  lockManager,
  LOCKS_SERVICE,
} from '@lockstep/state-machines';
import { createSolo, type SessionId, type Solo } from '@lockstep/vr-core';
import type { Held, Memory } from './memory';

const TTL_MS = 86_400_000;
/** What every replica has once, whatever it holds. */
const WARM_UP = 2_000;

/** A group of one without the protocol, and the names it has used. */
class Locks {
  readonly solo: Solo = createSolo([lockManager()]);
  #asked = 0;

  open(count: number): SessionId[] {
    const { solo } = this;
    return Array.from({ length: count }, () => solo.openSession({ ttlMs: TTL_MS }));
  }

  /** Throws unless it ends as expected. */
  acquire(session: SessionId, owner: string, lock: string, expected: 'granted' | 'queued'): void {
    const operation = encodeLockOperation({
      kind: 'acquire',
      request: `${session}#${++this.#asked}`,
      session,
      owner,
      items: [{ lock, mode: 'exclusive', permits: 1, limit: undefined }],
      waitMs: undefined,
      note: undefined,
      priority: 0,
      maxHoldMs: undefined,
      minHoldMs: undefined,
      claimMs: undefined,
      victim: 'requester',
    });
    const answer = this.solo.submit(LOCKS_SERVICE, operation, { session });
    const outcome = answer.kind === 'outcome' ? decodeLockOutcome(answer.bytes).kind : answer.code;
    if (outcome !== expected) throw new Error(`${lock}: ${outcome}, not ${expected}`);
    this.#forgetEvents();
  }

  /** A solo keeps all events for its tests. */
  #forgetEvents(): void {
    (this.solo.events as unknown[]).length = 0;
  }
}

/** Locks that are held, with names of some twenty bytes, ten a session. */
function heldLocks(count: number): Memory {
  const locks = new Locks();
  const sessions = locks.open(count / 10);
  const hold = (from: number, until: number): void => {
    for (let n = from; n < until; n++)
      locks.acquire(sessions[n % sessions.length]!, '', `service/lock-${n}`, 'granted');
  };
  hold(0, WARM_UP);
  return grownBy('held lock', count, () => hold(WARM_UP, WARM_UP + count));
}

/** Waiters in the queue of one lock. */
function waiters(count: number): Memory {
  const locks = new Locks();
  const sessions = locks.open(count / 10);
  const wait = (from: number, until: number): void => {
    for (let n = from; n < until; n++)
      locks.acquire(sessions[n % sessions.length]!, `task-${n}`, 'service/lock', 'queued');
  };
  locks.acquire(sessions[0]!, 'holder', 'service/lock', 'granted');
  wait(0, WARM_UP);
  return grownBy('waiter', count, () => wait(WARM_UP, WARM_UP + count));
}

function sessionsOpen(count: number): Memory {
  const locks = new Locks();
  locks.open(WARM_UP);
  return grownBy('session', count, () => locks.open(count));
}

function grownBy(what: Held, count: number, work: () => void): Memory {
  const before = used();
  work();
  const after = used();
  return {
    what,
    count,
    heapBytes: (after.heapBytes - before.heapBytes) / count,
    bufferBytes: (after.bufferBytes - before.bufferBytes) / count,
  };
}

function used(): { readonly heapBytes: number; readonly bufferBytes: number } {
  for (let n = 0; n < 3; n++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return { heapBytes: heapUsed, bufferBytes: external };
}

const measures: Readonly<Record<Held, (count: number) => Memory>> = {
  'held lock': heldLocks,
  waiter: waiters,
  session: sessionsOpen,
};

const [what, count] = process.argv.slice(2);
process.send?.(measures[what as Held](Number(count)), () => process.exit(0));
