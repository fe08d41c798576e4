import {
  LOCKS_SERVICE,
  decodeLockAnswer,
  decodeLockOutcome,
  encodeLockOperation,
  encodeLockQuery,
  type Holder,
  type LockAnswer,
  type LockOutcome,
} from '@lockstep/state-machines';
import { textOf, type JsonObject } from './json';
import { checkFields, encodeChecked, readCounter } from './fields';
import { Problem, malformed } from './problem';
import { parseSequencer, sequencerOf } from './sequencer';
import {
  ok,
  present,
  remainingMs,
  type Moment,
  type Naming,
  type Result,
  type ServiceContract,
} from './service-contract';

const ACQUIRE = new Set(['kind', 'lock', 'session', 'owner', 'mode', 'waitMs', 'note']);
const RELEASE = new Set(['kind', 'lock', 'session', 'owner', 'fence']);
const CANCEL = new Set(['kind', 'request']);
const LOCK = new Set(['kind', 'lock']);
const LOCKS = new Set(['kind', 'prefix', 'state', 'after', 'limit']);
const CHECK = new Set(['kind', 'sequencers']);
const SESSION = new Set(['kind', 'session']);

export const LIST_LIMIT = 100;

export const locksContract: ServiceContract = {
  service: LOCKS_SERVICE,

  operation(op, naming) {
    switch (op['kind']) {
      case 'acquire':
        return acquire(op, naming);
      case 'release':
        return release(op, naming);
      case 'cancel':
        checkFields(op, CANCEL);
        return encodeChecked(encodeLockOperation, op);
      default:
        throw malformed('kind', 'must be one of acquire, release, cancel');
    }
  },

  outcome(bytes, op, moment) {
    return outcomeResult(decodeLockOutcome(bytes), op, moment);
  },

  query(query) {
    switch (query['kind']) {
      case 'lock':
        checkFields(query, LOCK);
        return encodeChecked(encodeLockQuery, { kind: 'lock', name: query['lock'] }, (field) =>
          field === 'name' ? 'lock' : field,
        );
      case 'locks':
        checkFields(query, LOCKS);
        return encodeChecked(encodeLockQuery, {
          kind: 'locks',
          prefix: query['prefix'] ?? '',
          state: query['state'] ?? 'any',
          after: query['after'],
          limit: query['limit'] ?? LIST_LIMIT,
        });
      case 'request':
        checkFields(query, CANCEL);
        return encodeChecked(encodeLockQuery, query);
      case 'check':
        checkFields(query, CHECK);
        return encodeChecked(encodeLockQuery, {
          kind: 'check',
          sequencers: parseSequencers(query['sequencers']),
        });
      case 'session':
        checkFields(query, SESSION);
        return encodeChecked(encodeLockQuery, query);
      default:
        throw malformed('kind', 'must be one of lock, locks, request, check, session');
    }
  },

  answer(bytes, _query, moment) {
    return answerResult(decodeLockAnswer(bytes), moment);
  },

  replayQuery(op, { request }) {
    return op['kind'] === 'acquire' ? { kind: 'request', request } : undefined;
  },
};

function acquire(op: JsonObject, naming: Naming): Uint8Array {
  checkFields(op, ACQUIRE);
  return encodeChecked(encodeLockOperation, {
    kind: 'acquire',
    request: naming.request,
    session: op['session'] ?? naming.session,
    lock: op['lock'],
    owner: op['owner'] ?? '',
    mode: op['mode'] ?? 'exclusive',
    waitMs: op['waitMs'],
    note: op['note'],
  });
}

function release(op: JsonObject, naming: Naming): Uint8Array {
  checkFields(op, RELEASE);
  return encodeChecked(encodeLockOperation, {
    kind: 'release',
    session: op['session'] ?? naming.session,
    lock: op['lock'],
    owner: op['owner'] ?? '',
    fence: readCounter(op['fence'], 'fence'),
  });
}

function outcomeResult(outcome: LockOutcome, op: JsonObject, moment: Moment): Result {
  switch (outcome.kind) {
    case 'granted': {
      const { request, fence, mode } = outcome;
      const sequencer = sequencerOf({ lock: textOf(op['lock']), mode, fence });
      return ok({ request, state: 'granted', fence: `${fence}`, mode, sequencer });
    }
    case 'queued': {
      const { request, position } = outcome;
      return { status: 202, body: { request, state: 'queued', position } };
    }
    case 'finished':
      // An acquire tells its request's state, a cancel what it found.
      return op['kind'] === 'acquire'
        ? ok({ request: outcome.request, state: outcome.state })
        : ok({ outcome: outcome.state });
    case 'released':
    case 'already-released':
    case 'cancelled':
      return ok({ outcome: outcome.kind });
    default:
      throw refusal(outcome, moment);
  }
}

type Refusal = Exclude<
  LockOutcome,
  {
    kind: 'granted' | 'queued' | 'finished' | 'released' | 'already-released' | 'cancelled';
  }
>;

function refusal(outcome: Refusal, moment: Moment): Problem {
  switch (outcome.kind) {
    case 'lock-held': {
      const { holder, queueLength } = outcome;
      return new Problem('lock-held', undefined, {
        holder: holderBody(holder, moment),
        queueLength,
      });
    }
    case 'lock-delay':
      return new Problem('lock-delay', undefined, {
        retryAfterMs: remainingMs(outcome.untilMs, moment),
      });
    case 'already-held':
      return new Problem('already-held', undefined, {
        request: outcome.request,
        fence: `${outcome.fence}`,
      });
    case 'already-queued':
      return new Problem('already-queued', undefined, { request: outcome.request });
    case 'stale-fence':
      return new Problem('stale-fence', undefined, { currentFence: `${outcome.currentFence}` });
    case 'request-reused':
    case 'session-expired':
    case 'not-your-session':
    case 'reserved-name':
    case 'unknown-request':
      return new Problem(outcome.kind);
  }
}

function answerResult(answer: LockAnswer, moment: Moment): Result {
  switch (answer.kind) {
    case 'lock':
      return ok(lockBody(answer, moment));
    case 'locks':
      return ok(present({ locks: answer.locks.map(summaryBody(moment)), next: answer.next }));
    case 'request':
      return ok(requestBody(answer, moment));
    case 'unknown-request':
      throw new Problem('unknown-request');
    case 'check':
      return ok({
        results: answer.results.map(({ valid, currentFence }) =>
          present({
            valid,
            currentFence: currentFence === undefined ? undefined : `${currentFence}`,
          }),
        ),
      });
    case 'session':
      return ok({
        holds: answer.holds.map((each) => requestBody(each, moment)),
        waits: answer.waits.map((each) => requestBody(each, moment)),
      });
  }
}

type AnswerOf<K extends LockAnswer['kind']> = Extract<LockAnswer, { kind: K }>;

function lockBody(lock: AnswerOf<'lock'>, moment: Moment): JsonObject {
  return present({
    name: lock.name,
    holderCount: lock.holderCount,
    waiterCount: lock.waiterCount,
    lockDelayMs:
      lock.delayedUntilMs === undefined ? undefined : remainingMs(lock.delayedUntilMs, moment),
    holders: lock.holders.map(({ request, deadlineMs, holder }) => ({
      request,
      ...holderBody(holder, moment),
      expiresInMs: remainingMs(deadlineMs, moment),
    })),
    waiters: lock.waiters.map(({ sinceMs, waitUntilMs, ...waiter }) =>
      present({
        ...waiter,
        sinceMs: elapsedMs(sinceMs, moment),
        waitLeftMs: waitUntilMs === undefined ? undefined : remainingMs(waitUntilMs, moment),
      }),
    ),
  });
}

const summaryBody =
  (moment: Moment) =>
  (summary: AnswerOf<'locks'>['locks'][number]): JsonObject => {
    const { delayedUntilMs, held, ...rest } = summary;
    return present({
      ...rest,
      held: held.map(({ mode, holders }) => ({ mode, holders })),
      lockDelayMs: delayedUntilMs === undefined ? undefined : remainingMs(delayedUntilMs, moment),
    });
  };

function requestBody(asked: Omit<AnswerOf<'request'>, 'kind'>, moment: Moment): JsonObject {
  const { request, state, session, lock, owner, mode, position, fence } = asked;
  return present({
    request,
    state,
    position,
    session,
    lock,
    owner,
    mode,
    fence: fence === undefined ? undefined : `${fence}`,
    sequencer:
      fence === undefined || state !== 'granted' ? undefined : sequencerOf({ lock, mode, fence }),
    sinceMs: elapsedMs(asked.sinceMs, moment),
    waitLeftMs:
      asked.waitUntilMs === undefined ? undefined : remainingMs(asked.waitUntilMs, moment),
  });
}

function holderBody(holder: Holder, moment: Moment): JsonObject {
  const { session, owner, mode, fence, note, sinceMs } = holder;
  return { session, owner, mode, fence: `${fence}`, note, sinceMs: elapsedMs(sinceMs, moment) };
}

/** `sinceMs` of the API is how long it has lasted; the state keeps when it began. */
const elapsedMs = (sinceMs: number, { clusterMs }: Moment): number =>
  Math.max(0, clusterMs - sinceMs);

function parseSequencers(value: unknown): unknown {
  if (!Array.isArray(value)) throw malformed('sequencers', 'must be a list');
  return value.map((text, at) => parseSequencer(text, `sequencers.${at}`));
}
