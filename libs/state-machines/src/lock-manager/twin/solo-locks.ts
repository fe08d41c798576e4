import {
  createSolo,
  fnvHash,
  type Answer,
  type HashFunction,
  type Outcome,
  type Plugin,
  type SessionId,
  type Solo,
  type StateStore,
  type SubmitOptions,
} from '@lockstep/vr-core';
import type { Mode } from '../model/compatibility';
import { decodeLockEvent, type LockEvent } from '../events';
import { encodeLockOperation, type Acquire, type Item, type LockOperation } from '../operations';
import { decodeLockOutcome, type Grant, type LockOutcome } from '../outcomes';
import { lockManager, LOCKS_SERVICE } from '../plugin';
import { decodeLockAnswer, encodeLockQuery, type LockAnswer, type LockQuery } from '../queries';

/** Of an acquire. The first four are those of its only lock. */
export interface AcquireTerms extends Partial<Omit<Acquire, 'kind' | 'session' | 'items'>> {
  readonly mode?: Mode;
  readonly permits?: number;
  readonly limit?: number;
}

type AnswerOf<K extends LockQuery['kind']> =
  | Extract<LockAnswer, { kind: K }>
  | (K extends 'request' ? Extract<LockAnswer, { kind: 'unknown-request' }> : never)
  | (K extends 'latch' ? Extract<LockAnswer, { kind: 'unknown-latch' }> : never);

/** A lock manager in a group of one, spoken to in values: what tests and rehearsals hold. */
export class SoloLocks {
  readonly solo: Solo;
  private named = 0;

  constructor(
    plugins: readonly Plugin[] = [lockManager()],
    hash: HashFunction = fnvHash,
    store?: StateStore,
  ) {
    this.solo = createSolo(plugins, hash, store);
  }

  open(ttlMs = 1_000_000, lockDelayMs = 0): SessionId {
    return this.solo.openSession({ ttlMs, lockDelayMs });
  }

  /** Exclusive, without end, under a name never used before, unless told otherwise. */
  acquire(session: string, lock: string, terms: AcquireTerms = {}): LockOutcome {
    const { mode = 'exclusive', permits = 1, limit, ...rest } = terms;
    return this.acquireAll(session, [{ lock, mode, permits, limit }], rest);
  }

  acquireAll(session: string, items: readonly Item[], terms: AcquireTerms = {}): LockOutcome {
    const { waitMs, note, maxHoldMs, minHoldMs, claimMs } = terms;
    return this.execute({
      kind: 'acquire',
      request: terms.request ?? this.newName(),
      session,
      owner: terms.owner ?? '',
      items,
      waitMs,
      note,
      priority: terms.priority ?? 0,
      maxHoldMs,
      minHoldMs,
      claimMs,
      victim: terms.victim ?? 'requester',
    });
  }

  release(session: string, lock: string, fence?: bigint, owner = ''): LockOutcome {
    return this.execute({ kind: 'release', session, lock, fence, owner, value: undefined });
  }

  cancel(request: string): LockOutcome {
    return this.execute({ kind: 'cancel', request });
  }

  convert(
    session: string,
    { lock, fence }: Pick<Grant, 'lock' | 'fence'>,
    mode: Mode,
    terms: { request?: string; owner?: string; waitMs?: number; value?: Uint8Array } = {},
  ): LockOutcome {
    const { request = this.newName(), owner = '', waitMs, value } = terms;
    return this.execute({
      kind: 'convert',
      request,
      session,
      owner,
      lock,
      fence,
      mode,
      waitMs,
      value,
    });
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

  private newName(): string {
    this.named += 1;
    return `request-${this.named}`;
  }
}

/** What has been granted; throws when nothing has. */
export function grantsIn(outcome: LockOutcome): readonly [Grant, ...Grant[]] {
  const [first, ...rest] = outcome.kind === 'granted' ? outcome.grants : [];
  if (first === undefined) throw new Error(`not granted: ${outcome.kind}`);
  return [first, ...rest];
}

/** The fence of the only lock that was granted. */
export function fenceIn(outcome: LockOutcome): bigint {
  return grantsIn(outcome)[0].fence;
}

function outcomeOf(answer: Answer): LockOutcome {
  if (answer.kind === 'problem') throw new Error(`no outcome: ${answer.code}`);
  return decodeLockOutcome(answer.bytes);
}
