import { decodeLockAnswer, type LockAnswer } from '@lockstep/state-machines';
import { toByteString } from '@lockstep/vr-core';
import { electionOf, subjectOf } from './election-name';
import type { JsonObject } from './json';
import { grantBody } from './lock-outcomes';
import { holderBody } from './lock-refusals';
import { bytesField } from './path-bytes';
import { Problem } from './problem';
import { parseSequencer, plainSequencer } from './sequencer';
import { elapsedMs, ok, present, remainingMs, type Moment, type Result } from './service-contract';

type AnswerOf<K extends LockAnswer['kind']> = Extract<LockAnswer, { kind: K }>;
type Lock = AnswerOf<'lock'>;
type RequestState = Omit<AnswerOf<'request'>, 'kind'>;

/** What a query answers. Throws a `Problem` for what is not there. */
export function showLockAnswer(bytes: Uint8Array, query: JsonObject, moment: Moment): Result {
  const answer = decodeLockAnswer(bytes);
  switch (answer.kind) {
    case 'lock':
      return ok(
        query['kind'] === 'election' ? electionBody(answer, moment) : lockBody(answer, moment),
      );
    case 'locks':
      return ok(present({ locks: answer.locks.map(summaryBody(moment)), next: answer.next }));
    case 'request':
      return ok(requestBody(answer, moment));
    case 'check':
      return ok({ results: checkBody(answer, query, moment) });
    case 'session': {
      const signless: Moment = unsigned(moment);
      return ok({
        holds: answer.holds.map((each) => requestBody(each, signless)),
        waits: answer.waits.map((each) => requestBody(each, signless)),
      });
    }
    case 'graph':
      return ok(present({ waits: answer.waits.map((wait) => ({ ...wait })), next: answer.next }));
    case 'latch':
      return ok({ latch: answer.latch, count: answer.count });
    case 'barrier':
      return ok(barrierBody(answer));
    case 'unknown-request':
    case 'unknown-latch':
      throw new Problem(answer.kind);
  }
}

/** A thousand signatures are more than a look at a session is worth. */
const unsigned = (moment: Moment): Moment => ({
  clusterMs: moment.clusterMs,
  epochNumber: moment.epochNumber,
  viewNumber: moment.viewNumber,
  generation: moment.generation,
  sequencerOf: plainSequencer,
  isGenuine: (sequencer) => moment.isGenuine(sequencer),
});

function lockBody(lock: Lock, moment: Moment): JsonObject {
  const { semaphore } = lock;
  return present({
    name: lock.name,
    holderCount: lock.holderCount,
    waiterCount: lock.waiterCount,
    uses: lock.uses.map(({ mode, holders }) => ({ mode, holders })),
    semaphore: semaphore && {
      ...semaphore,
      free: Math.max(0, semaphore.limit - semaphore.used),
    },
    lockDelayMs: leftMs(lock.delayedUntilMs, moment),
    ...valueBody(lock, moment),
    holders: lock.holders.map((each) => heldBody(each, moment)),
    waiters: lock.waiters.map((each) => waiterBody(each, moment)),
  });
}

function valueBody({ value }: Lock, moment: Moment): JsonObject {
  if (value === undefined) return {};
  return {
    ...bytesField('value', toByteString(value.value)),
    valueFence: `${value.fence}`,
    valueAgeMs: elapsedMs(value.atMs, moment),
  };
}

function heldBody(held: Lock['holders'][number], moment: Moment): JsonObject {
  return present({
    request: held.request,
    ...holderBody(held.holder, moment),
    nested: held.nested === 0 ? undefined : held.nested,
    expiresInMs: remainingMs(held.deadlineMs, moment),
    maxHoldLeftMs: leftMs(held.maxHoldUntilMs, moment),
    breaking: breakingBody(held.breaking, moment),
  });
}

function waiterBody(asked: Lock['waiters'][number], moment: Moment): JsonObject {
  const { sinceMs, waitUntilMs, permits, ...waiter } = asked;
  return present({
    ...waiter,
    permits: waiter.mode === 'permit' ? permits : undefined,
    sinceMs: elapsedMs(sinceMs, moment),
    waitLeftMs: leftMs(waitUntilMs, moment),
  });
}

/** The leader, and who would be next, in order. */
function electionBody(lock: Lock, moment: Moment): JsonObject {
  const [held] = lock.holders;
  const leader = held && {
    request: held.request,
    session: held.holder.session,
    owner: held.holder.owner,
    value: held.holder.note,
    fence: `${held.holder.fence}`,
    sinceMs: elapsedMs(held.holder.sinceMs, moment),
    expiresInMs: remainingMs(held.deadlineMs, moment),
    breaking: breakingBody(held.breaking, moment),
  };
  return {
    election: electionOf(lock.name),
    leader: leader === undefined ? null : present(leader),
    candidateCount: lock.waiterCount,
    candidates: lock.waiters.map(
      ({ request, session, owner, note, priority, position, sinceMs }) => ({
        request,
        session,
        owner,
        value: note,
        priority,
        position,
        sinceMs: elapsedMs(sinceMs, moment),
      }),
    ),
  };
}

const summaryBody =
  (moment: Moment) =>
  (summary: AnswerOf<'locks'>['locks'][number]): JsonObject => {
    const { delayedUntilMs, held, ...rest } = summary;
    return present({
      ...rest,
      held: held.map(({ mode, holders }) => ({ mode, holders })),
      lockDelayMs: leftMs(delayedUntilMs, moment),
    });
  };

/** One lock as itself, several in a list, as an acquire answers them. */
function requestBody(asked: RequestState, moment: Moment): JsonObject {
  const { request, state, session, owner } = asked;
  return present({
    request,
    state,
    what: asked.what === 'locks' ? undefined : asked.what,
    position: asked.position,
    session,
    owner,
    ...itemsBody(asked, moment),
    note: asked.note === '' ? undefined : asked.note,
    sinceMs: elapsedMs(asked.sinceMs, moment),
    waitLeftMs: leftMs(asked.waitUntilMs, moment),
    maxHoldLeftMs: leftMs(asked.deadlineMs, moment),
    claimLeftMs: leftMs(asked.claimUntilMs, moment),
    breaking: breakingBody(asked.breaking, moment),
  });
}

function itemsBody(asked: RequestState, moment: Moment): JsonObject {
  const [first] = asked.items;
  if (asked.what === 'enter' || asked.what === 'leave') return { barrier: first?.lock };
  const items = asked.items.map((item) => itemBody(item, asked, moment));
  return items.length === 1 ? (items[0] as JsonObject) : { locks: items };
}

function itemBody(
  { lock, mode, permits, fence }: RequestState['items'][number],
  { state, sinceMs }: RequestState,
  moment: Moment,
): JsonObject {
  if (fence !== undefined && state === 'granted')
    return grantBody({ lock, mode, permits, fence, sinceMs }, moment);
  return present({
    ...subjectOf(lock),
    mode,
    permits: mode === 'permit' ? permits : undefined,
    fence: fence === undefined ? undefined : `${fence}`,
  });
}

/** The service has looked whether the grant still stands; a forged signature makes it worth nothing all the same. */
function checkBody(answer: AnswerOf<'check'>, query: JsonObject, moment: Moment): JsonObject[] {
  const sequencers = query['sequencers'] as readonly string[];
  return answer.results.map(({ valid, currentFence }, at) => {
    const isGenuine = moment.isGenuine(parseSequencer(sequencers[at], `sequencers.${at}`));
    return present({
      valid: valid && isGenuine,
      reason: isGenuine ? (valid ? undefined : 'not-held') : 'bad-signature',
      currentFence: currentFence === undefined ? undefined : `${currentFence}`,
    });
  });
}

function barrierBody({ kind: _, members, ...barrier }: AnswerOf<'barrier'>): JsonObject {
  return { ...barrier, members: members.map((member) => ({ ...member })) };
}

function breakingBody(breaking: RequestState['breaking'], moment: Moment): JsonObject | undefined {
  if (breaking === undefined) return undefined;
  const { by, reason, untilMs } = breaking;
  return { by, reason, leftMs: remainingMs(untilMs, moment) };
}

const leftMs = (untilMs: number | undefined, moment: Moment): number | undefined =>
  untilMs === undefined ? undefined : remainingMs(untilMs, moment);
