import {
  bool,
  decode,
  done,
  encode,
  refused,
  struct,
  u64,
  type ApplyContext,
  type Outcome,
  type Plugin,
  type StateMachine,
} from '@lockstep/vr-core';
import { acquire } from './acquire';
import type { Execution } from './execution';
import { inspect, isCurrent } from './inspect';
import { decodeLockOperation, lockNameShape, type LockOperation } from './operations';
import { encodeLockOutcome, isRefusal, type LockOutcome } from './outcomes';
import { decodeLockQuery, encodeLockAnswer } from './queries';
import { cancel, release } from './release';
import { endSession } from './session-end';
import { lockTables } from './tables';
import { runTimer } from './timers';

export const LOCKS_SERVICE = 'locks';

/** What `locks.isCurrent` is asked: does the grant of this fence still stand? It answers one byte, 1 or 0. */
export const isCurrentShape = struct({ lock: lockNameShape, fence: u64 });

/** Locks that are held by sessions and handed on in order of arrival, each grant with a fence. (locks.md) */
export function lockManager(): Plugin {
  return {
    name: LOCKS_SERVICE,
    formatVersion: 1,
    create(stateTables): StateMachine {
      const tables = lockTables(stateTables);
      const by = (context: ApplyContext): Execution => ({ tables, context });
      return {
        validate: (operation) => void decodeLockOperation(operation),
        apply: (operation, context) => answer(execute(by(context), decodeLockOperation(operation))),
        read: (query, context) =>
          done(encodeLockAnswer(inspect(tables, decodeLockQuery(query), context))),
        onTimer: (key, context) => runTimer(by(context), key),
        onSessionEnd: (session, context) => endSession(by(context), session),
        ports: {
          isCurrent(question) {
            const { lock, fence } = decode(isCurrentShape, question);
            return encode(bool, isCurrent(tables, lock, fence));
          },
        },
      };
    },
  };
}

function execute(execution: Execution, operation: LockOperation): LockOutcome {
  switch (operation.kind) {
    case 'acquire':
      return acquire(execution, operation);
    case 'release':
      return release(execution, operation);
    case 'cancel':
      return cancel(execution, operation);
  }
}

function answer(outcome: LockOutcome): Outcome {
  const bytes = encodeLockOutcome(outcome);
  return isRefusal(outcome) ? refused(bytes) : done(bytes);
}
