import {
  createSolo,
  fnvHash,
  type Answer,
  type HashFunction,
  type Outcome,
  type Plugin,
  type SessionId,
  type Solo,
  type SubmitOptions,
} from '@lockstep/vr-core';
import { decodeLockEvent, type LockEvent } from './events';
import { encodeLockOperation, type Acquire, type LockOperation, type Release } from './operations';
import { decodeLockOutcome, type LockOutcome } from './outcomes';
import { lockManager, LOCKS_SERVICE } from './plugin';
import { decodeLockAnswer, encodeLockQuery, type LockAnswer, type LockQuery } from './queries';

type AcquireTerms = Partial<Omit<Acquire, 'kind' | 'session' | 'lock'>>;
type AnswerOf<K extends LockQuery['kind']> =
  | Extract<LockAnswer, { kind: K }>
  | (K extends 'request' ? Extract<LockAnswer, { kind: 'unknown-request' }> : never);

/** A lock manager in a group of one, spoken to in values: what tests and rehearsals hold. */
export class SoloLocks {
  readonly solo: Solo;
  private named = 0;

  constructor(plugins: readonly Plugin[] = [lockManager()], hash: HashFunction = fnvHash) {
    this.solo = createSolo(plugins, hash);
  }

  open(ttlMs = 1_000_000, lockDelayMs = 0): SessionId {
    return this.solo.openSession({ ttlMs, lockDelayMs });
  }

  /** Exclusive, without end, under a name never used before, unless told otherwise. */
  acquire(session: string, lock: string, terms: AcquireTerms = {}): LockOutcome {
    this.named += 1;
    const request = `request-${this.named}`;
    const defaults = { request, owner: '', mode: 'exclusive', waitMs: undefined, note: undefined };
    return this.execute({ kind: 'acquire', session, lock, ...defaults, ...terms } as Acquire);
  }

  release(session: string, lock: string, fence?: bigint, owner = ''): LockOutcome {
    return this.execute({ kind: 'release', session, lock, fence, owner } satisfies Release);
  }

  cancel(request: string): LockOutcome {
    return this.execute({ kind: 'cancel', request });
  }

  execute(operation: LockOperation, options: SubmitOptions = {}): LockOutcome {
    const answer = this.solo.submit(LOCKS_SERVICE, encodeLockOperation(operation), options);
    return outcomeOf(answer);
  }

  ask<K extends LockQuery['kind']>(query: Extract<LockQuery, { kind: K }>): AnswerOf<K> {
    const outcome: Outcome = this.solo.read(LOCKS_SERVICE, encodeLockQuery(query));
    return decodeLockAnswer(outcome.bytes) as AnswerOf<K>;
  }

  /** Where a request stands; `unknown-request` when it is not remembered. */
  stateOf(request: string): string {
    const answer = this.ask({ kind: 'request', request });
    return answer.kind === 'request' ? answer.state : answer.kind;
  }

  /** Events of this service so far. */
  get events(): readonly LockEvent[] {
    return this.solo.events
      .filter((event) => event.service === LOCKS_SERVICE)
      .map((event) => decodeLockEvent(event.bytes));
  }
}

function outcomeOf(answer: Answer): LockOutcome {
  if (answer.kind === 'problem') throw new Error(`no outcome: ${answer.code}`);
  return decodeLockOutcome(answer.bytes);
}
