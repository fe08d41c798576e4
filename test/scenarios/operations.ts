import {
  decodeLockOperation,
  encodeCounterOperation,
  encodeLockOperation,
  LOCKS_SERVICE,
  counterOperation,
  type LockOperation,
  type Mode,
} from '@lockstep/state-machines';
import {
  decode,
  decodeSessionOperation,
  encodeSessionOperation,
  SESSIONS,
  type Request,
  type SessionId,
} from '@lockstep/vr-core';
import type { Operation } from '../simulation/services';

/** What clients ask for in scenarios, and the same in words, as `logOf` shows it. */
export function add(name: string, by = 1): Operation {
  return { service: 'counter', bytes: encodeCounterOperation({ kind: 'add', name, by }) };
}

export function openSession(ttlMs = 10_000, lockDelayMs = 0): Operation {
  return {
    service: SESSIONS,
    bytes: encodeSessionOperation({
      kind: 'open',
      ttlMs,
      name: undefined,
      metadata: undefined,
      lockDelayMs,
      onEnd: 'release',
    }),
  };
}

export interface AcquireTerms {
  readonly session: SessionId;
  /** Names the request; the lock and the session do when it is not given. */
  readonly request?: string;
  readonly mode?: Mode;
  readonly waitMs?: number;
}

export function acquire(lock: string, { session, request, mode, waitMs }: AcquireTerms): Operation {
  return lockOperation({
    kind: 'acquire',
    request: request ?? `${session}/${lock}`,
    session,
    owner: '',
    items: [{ lock, mode: mode ?? 'exclusive', permits: 1, limit: undefined }],
    waitMs,
    note: undefined,
    priority: 0,
    maxHoldMs: undefined,
    minHoldMs: undefined,
    claimMs: undefined,
    victim: 'requester',
  });
}

export function release(lock: string, session: SessionId, fence: bigint): Operation {
  return lockOperation({ kind: 'release', session, lock, owner: '', fence, value: undefined });
}

export function cancel(request: string): Operation {
  return lockOperation({ kind: 'cancel', request });
}

function lockOperation(operation: LockOperation): Operation {
  return { service: LOCKS_SERVICE, bytes: encodeLockOperation(operation) };
}

/** `add a 1`, `acquire door`: short enough to compare logs by. */
export function inWords({ service, operation }: Pick<Request, 'service' | 'operation'>): string {
  switch (service) {
    case 'counter': {
      const { name, ...rest } = decode(counterOperation, operation);
      return rest.kind === 'add' ? `add ${name} ${rest.by}` : `${rest.kind} ${name}`;
    }
    case LOCKS_SERVICE: {
      const asked = decodeLockOperation(operation);
      return `${asked.kind} ${wordFor(asked)}`;
    }
    case SESSIONS:
      return `${decodeSessionOperation(operation).kind} session`;
    default:
      return service;
  }
}

function wordFor(asked: LockOperation): string {
  if (asked.kind === 'acquire') return asked.items.map(({ lock }) => lock).join(' ');
  if ('lock' in asked) return asked.lock;
  return 'request' in asked ? asked.request : asked.latch;
}
