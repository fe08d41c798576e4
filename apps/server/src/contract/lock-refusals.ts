import type { Holder, LockOutcome } from '@lockstep/state-machines';
import { subjectOf } from './election-name';
import type { JsonObject } from './json';
import { Problem } from './problem';
import { elapsedMs, present, remainingMs, type Moment } from './service-contract';

/** Outcomes that are answered with a problem of the same name. */
export type Refusal = Extract<
  LockOutcome,
  {
    kind:
      | 'lock-held'
      | 'lock-delay'
      | 'lock-waited'
      | 'already-held'
      | 'already-queued'
      | 'request-reused'
      | 'session-expired'
      | 'not-your-session'
      | 'reserved-name'
      | 'stale-fence'
      | 'not-held'
      | 'unknown-request'
      | 'deadlock'
      | 'upgrade-conflict'
      | 'limit-conflict'
      | 'limit-missing'
      | 'too-many-permits'
      | 'limit-reached'
      | 'not-a-writer'
      | 'not-transferable'
      | 'invalid'
      | 'unknown-latch'
      | 'parties-conflict'
      | 'not-inside';
  }
>;

export function refusalOf(outcome: Refusal, moment: Moment): Problem {
  const { kind } = outcome;
  const detail = kind === 'invalid' ? `${outcome.field} ${outcome.problem}.` : undefined;
  return new Problem(kind, detail, membersOf(outcome, moment));
}

/** What helps the client to go on. */
function membersOf(outcome: Refusal, moment: Moment): JsonObject {
  switch (outcome.kind) {
    case 'lock-held': {
      const { lock, holder, queueLength } = outcome;
      return { ...subjectOf(lock), holder: holderBody(holder, moment), queueLength };
    }
    case 'lock-waited':
      return { ...subjectOf(outcome.lock), queueLength: outcome.queueLength };
    case 'lock-delay':
      return {
        ...subjectOf(outcome.lock),
        retryAfterMs: remainingMs(outcome.untilMs, moment),
      };
    case 'already-held':
      return {
        ...subjectOf(outcome.lock),
        request: outcome.request,
        fence: `${outcome.fence}`,
      };
    case 'already-queued':
      return { ...subjectOf(outcome.lock), request: outcome.request };
    case 'stale-fence':
      return { currentFence: `${outcome.currentFence}` };
    case 'deadlock':
      return {
        cycle: outcome.cycle.map(({ session, owner, lock, mode }) => ({
          session,
          owner,
          ...subjectOf(lock),
          mode,
        })),
      };
    case 'upgrade-conflict':
      return { holder: holderBody(outcome.holder, moment) };
    case 'limit-conflict':
    case 'too-many-permits':
      return { lock: outcome.lock, limit: outcome.limit };
    case 'limit-missing':
      return { lock: outcome.lock };
    case 'limit-reached':
      return { limit: outcome.limit, max: outcome.max };
    case 'not-a-writer':
      return { mode: outcome.mode };
    case 'not-transferable':
      return { request: outcome.request };
    case 'parties-conflict':
      return { parties: outcome.parties };
    case 'invalid':
      return { field: outcome.field };
    case 'request-reused':
    case 'session-expired':
    case 'not-your-session':
    case 'reserved-name':
    case 'not-held':
    case 'unknown-request':
    case 'unknown-latch':
    case 'not-inside':
      return {};
  }
}

export function holderBody(holder: Holder, moment: Moment): JsonObject {
  const { session, owner, mode, permits, fence, note, sinceMs } = holder;
  return present({
    session,
    owner,
    mode,
    permits: mode === 'permit' ? permits : undefined,
    fence: `${fence}`,
    note,
    sinceMs: elapsedMs(sinceMs, moment),
  });
}
