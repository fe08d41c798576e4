import { decodeLockOutcome, type LockOutcome } from '@lockstep/state-machines';
import { subjectOf } from './election-name';
import type { JsonObject } from './json';
import { fieldInApi } from './lock-operations';
import { refusalOf, type Refusal } from './lock-refusals';
import { ok, present, remainingMs, type Moment, type Result } from './service-contract';

type OutcomeOf<K extends LockOutcome['kind']> = Extract<LockOutcome, { kind: K }>;

/** Operations whose answer is the state of a request of that name. */
const ASKING: ReadonlySet<unknown> = new Set(['acquire', 'campaign', 'convert', 'enter', 'leave']);

export const isAsking = (op: JsonObject): boolean => ASKING.has(op['kind']);

/** What an operation answers. Throws the `Problem` when it was turned down. */
export function showLockOutcome(bytes: Uint8Array, op: JsonObject, moment: Moment): Result {
  const outcome = decodeLockOutcome(bytes);
  switch (outcome.kind) {
    case 'granted':
      return ok(grantedBody(outcome, op, moment));
    case 'queued': {
      const { request, position } = outcome;
      return { status: 202, body: { request, state: 'queued', position } };
    }
    case 'passed':
      return ok({ request: outcome.request, state: op['kind'] === 'leave' ? 'left' : 'granted' });
    case 'finished':
      // An acquire tells its request's state, a cancel what it found.
      return isAsking(op)
        ? ok({ request: outcome.request, state: outcome.state })
        : ok({ outcome: outcome.state });
    case 'break-requested':
      return {
        status: 202,
        body: { outcome: outcome.kind, leftMs: remainingMs(outcome.untilMs, moment) },
      };
    case 'transferred':
      return ok({ outcome: outcome.kind, fence: `${outcome.fence}` });
    case 'latch':
      return ok({ latch: op['latch'], count: outcome.count });
    case 'released':
    case 'already-released':
    case 'cancelled':
    case 'claimed':
    case 'amended':
    case 'value-set':
    case 'limit-set':
    case 'broken':
    case 'latch-removed':
      return ok({ outcome: outcome.kind });
    case 'invalid':
      throw refusalOf({ ...outcome, field: fieldInApi(outcome.field, op) }, moment);
    default:
      throw refusalOf(outcome satisfies Refusal, moment);
  }
}

/** One lock as itself; several, each with its fence, in the order in which they were asked for. */
function grantedBody(outcome: OutcomeOf<'granted'>, op: JsonObject, moment: Moment): JsonObject {
  const { request, grants, sinceMs, deadlineMs } = outcome;
  const [first] = grants;
  const body =
    op['locks'] === undefined && first !== undefined
      ? oneGranted(request, first, sinceMs, moment)
      : { request, state: 'granted', locks: grantBodies(outcome, moment) };
  return deadlineMs === 0 ? body : { ...body, maxHoldLeftMs: remainingMs(deadlineMs, moment) };
}

/** Every grant comes through here: to spread one object into another would cost ten times as much. */
function oneGranted(
  request: string,
  { lock, mode, permits, fence }: OutcomeOf<'granted'>['grants'][number],
  grantedMs: number,
  moment: Moment,
): JsonObject {
  const sequencer = moment.sequencerOf({ lock, mode, fence, grantedMs });
  const body = { request, state: 'granted', fence: `${fence}`, mode, sequencer };
  return mode === 'permit' ? { ...body, permits } : body;
}

const grantBodies = ({ grants, sinceMs }: OutcomeOf<'granted'>, moment: Moment): JsonObject[] =>
  grants.map((grant) => grantBody({ ...grant, sinceMs }, moment));

interface ShownGrant {
  readonly lock: string;
  readonly mode: string;
  readonly permits: number;
  readonly fence: bigint;
  readonly sinceMs: number;
}

/** A grant for the one who has it: with what proves it. */
export function grantBody(
  { lock, mode, permits, fence, sinceMs }: ShownGrant,
  moment: Moment,
): JsonObject {
  return present({
    ...subjectOf(lock),
    mode,
    permits: mode === 'permit' ? permits : undefined,
    fence: `${fence}`,
    sequencer: moment.sequencerOf({ lock, mode, fence, grantedMs: sinceMs }),
  });
}
