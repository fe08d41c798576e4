import {
  SESSIONS,
  decodeSessionAnswer,
  decodeSessionOutcome,
  encodeSessionOperation,
  encodeSessionQuery,
  type SessionView,
} from '@lockstep/vr-core';
import { anywhere, everywhere } from '../access/need';
import { textOf, type JsonObject } from './json';
import { checkFields, encodeChecked } from './fields';
import { OF_READERS } from './ownership';
import { Problem, malformed } from './problem';
import { ok, present, remainingMs, type Moment, type ServiceContract } from './service-contract';

const OPEN = new Set(['kind', 'ttlMs', 'name', 'metadata', 'lockDelayMs', 'onEnd']);
const ONE = new Set(['kind', 'session']);
const LIST = new Set(['kind', 'after', 'limit', 'prefix']);

export const LIST_LIMIT = 100;

export { LOCK_DELAY_MS_MAX, SESSION_LIST_MAX, TTL_MS_MAX, TTL_MS_MIN } from '@lockstep/vr-core';

export const sessionsContract: ServiceContract = {
  service: SESSIONS,
  /** Whose a session is the service knows. */
  needs: ({ kind }) => [kind === 'force-close' ? everywhere('admin') : anywhere('client')],
  needsOfQuery: ({ kind }) => [kind === 'get' ? anywhere('reader') : everywhere('reader')],
  belonging: ({ kind, session }) =>
    kind === 'get' ? { session: textOf(session), otherwise: OF_READERS } : undefined,

  operation(op, { session }) {
    switch (op['kind']) {
      case 'open':
        checkFields(op, OPEN);
        return encodeChecked(encodeSessionOperation, {
          kind: 'open',
          ttlMs: op['ttlMs'],
          name: op['name'],
          metadata: op['metadata'],
          lockDelayMs: op['lockDelayMs'] ?? 0,
          onEnd: op['onEnd'] ?? 'release',
        });
      case 'close':
        checkFields(op, ONE);
        return encodeChecked(encodeSessionOperation, {
          kind: 'close',
          session: op['session'] ?? session,
        });
      case 'force-close':
        checkFields(op, ONE);
        return encodeChecked(encodeSessionOperation, op);
      default:
        throw malformed('kind', 'must be one of open, close, force-close');
    }
  },

  outcome(bytes, _op, moment) {
    const outcome = decodeSessionOutcome(bytes);
    switch (outcome.kind) {
      case 'opened':
        return { status: 201, body: leaseBody(outcome.id, outcome, moment) };
      case 'closed':
      case 'already-closed':
        return ok({ outcome: outcome.kind });
      case 'not-your-session':
        throw new Problem('not-your-session');
      case 'limit-reached':
        throw new Problem('limit-reached', undefined, { limit: outcome.limit, max: outcome.max });
    }
  },

  query(query) {
    switch (query['kind']) {
      case 'get':
        checkFields(query, ONE);
        return encodeChecked(encodeSessionQuery, query);
      case 'list':
        checkFields(query, LIST);
        return encodeChecked(encodeSessionQuery, { ...query, limit: query['limit'] ?? LIST_LIMIT });
      default:
        throw malformed('kind', 'must be one of get, list');
    }
  },

  answer(bytes, query, moment) {
    const answer = decodeSessionAnswer(bytes);
    switch (answer.kind) {
      case 'session':
        return ok(sessionBody(answer.session, moment));
      case 'missing':
        throw new Problem('unknown-session', 'There is no such session, or it has ended.', {
          session: query['session'],
        });
      case 'sessions': {
        const sessions = answer.sessions.map((session) => sessionBody(session, moment));
        const last = answer.sessions.at(-1);
        return ok(present({ sessions, next: answer.more ? last?.id : undefined }));
      }
    }
  },
};

/** What opening and keeping alive answer. */
export function leaseBody(
  id: string,
  lease: { readonly ttlMs: number; readonly deadlineMs: number },
  moment: Moment,
): JsonObject {
  return {
    id,
    ttlMs: lease.ttlMs,
    expiresInMs: Math.min(lease.ttlMs, remainingMs(lease.deadlineMs, moment)),
    epoch: moment.epochNumber,
    view: moment.viewNumber,
    incarnation: moment.generation,
  };
}

function sessionBody(session: SessionView, moment: Moment): JsonObject {
  return present({
    id: session.id,
    principal: session.principal,
    name: session.name,
    metadata: session.metadata,
    ttlMs: session.ttlMs,
    expiresInMs: remainingMs(session.deadlineMs, moment),
    openForMs: Math.max(0, moment.clusterMs - session.openedAtMs),
    lockDelayMs: session.lockDelayMs,
    onEnd: session.onEnd,
  });
}
