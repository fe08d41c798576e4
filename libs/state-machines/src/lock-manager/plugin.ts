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
import { acquire } from './acquire/acquire';
import { amend } from './holding/amend';
import { enter, leave } from './barrier/barrier';
import { breakHold } from './holding/break';
import { claim } from './holding/claim';
import { convert } from './holding/convert';
import type { Execution } from './model/execution';
import { beginFences } from './model/fence';
import { inspect } from './inspect/inspect';
import { isCurrent } from './inspect/inspect-grants';
import { countDown, removeLatch, setLatch } from './barrier/latch';
import { decodeLockOperation, lockNameShape, type LockOperation } from './operations';
import { encodeLockOutcome, isRefusal, type LockOutcome } from './outcomes';
import { decodeLockQuery, encodeLockAnswer } from './queries';
import { cancel, release } from './ending/release';
import { setLimit } from './semaphore/semaphore-limit';
import { endSession } from './ending/session-end';
import { lockTables } from './model/tables';
import { runTimer } from './ending/timers';
import { transfer } from './holding/transfer';
import { setValue } from './holding/value';

export const LOCKS_SERVICE = 'locks';

/** What `locks.isCurrent` is asked: does the grant of this fence still stand? It answers one byte, 1 or 0. */
export const isCurrentShape = struct({ lock: lockNameShape, fence: u64 });

/** Locks that are held by sessions and handed on in order of arrival, each grant with a fence. (locks.md) */
export function lockManager(): Plugin {
  return {
    name: LOCKS_SERVICE,
    formatVersion: 2,
    create(stateTables): StateMachine {
      const tables = lockTables(stateTables);
      const by = (context: ApplyContext): Execution => ({ tables, context });
      return {
        validate: (operation) => void decodeLockOperation(operation),
        apply: (operation, context) => answer(execute(by(context), decodeLockOperation(operation))),
        read: (query, context) =>
          done(encodeLockAnswer(inspect(tables, decodeLockQuery(query), context))),
        onTimer: (key, context) => runTimer(by(context), key),
        onNewGeneration: (generation) => {
          beginFences(tables, generation);
        },
        onSessionEnd: (session, context) => endSession(by(context), session),
        ports: {
          isCurrent(question, context) {
            const { lock, fence } = decode(isCurrentShape, question);
            return encode(bool, isCurrent(tables, lock, fence, context));
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
    case 'convert':
      return convert(execution, operation);
    case 'claim':
      return claim(execution, operation);
    case 'amend':
      return amend(execution, operation);
    case 'set-value':
      return setValue(execution, operation);
    case 'break':
      return breakHold(execution, operation);
    case 'transfer':
      return transfer(execution, operation);
    case 'set-limit':
      return setLimit(execution, operation);
    case 'set-latch':
      return setLatch(execution, operation);
    case 'count-down':
      return countDown(execution, operation);
    case 'remove-latch':
      return removeLatch(execution, operation);
    case 'enter':
      return enter(execution, operation);
    case 'leave':
      return leave(execution, operation);
  }
}

function answer(outcome: LockOutcome): Outcome {
  const bytes = encodeLockOutcome(outcome);
  return isRefusal(outcome) ? refused(bytes) : done(bytes);
}
