import { closedByGrant, handOnFrom } from '../queue/deadlock';
import { endHold } from '../ending/end-hold';
import { checkSession, type Execution } from '../model/execution';
import { grant } from '../acquire/grant';
import { handOnTo } from '../queue/hand-on';
import { obstacleTo } from '../acquire/obstacle';
import type { Transfer } from '../operations';
import type { LockOutcome } from '../outcomes';
import { ownHold } from './own-hold';
import { dequeue } from '../queue/queue';
import { requestOf } from '../acquire/request';
import { nameKey } from '../model/keys';
import type { RequestRow } from '../model/tables';
import type { ByteString } from '@lockstep/vr-core';

/** Gives a lock to one who waits for it, in front of all others, in the same step in which it is given back. */
export function transfer(execution: Execution, asked: Transfer): LockOutcome {
  const { tables } = execution;
  const problem = checkSession(execution, asked.session);
  if (problem !== undefined) return { kind: problem };
  const { lock, fence, to } = asked;
  const found = ownHold(tables, asked, lock, fence);
  if ('refusal' in found) return found.refusal;
  const heir = tables.requests.get(nameKey(to));
  if (heir === undefined) return { kind: 'unknown-request' };
  if (!waitsForThis(execution, heir, lock)) return { kind: 'not-transferable', request: to };

  const { mode, permits, requests } = found.hold;
  const name = requests[0] ?? '';
  const item = { lock, mode, permits, fence };
  const end = { cause: 'transferred', lockDelayMs: 0 } as const;
  const freed = endHold(execution, name, requestOf(tables, name), item, end);
  if (obstacleTo(tables, heir, BEFORE_ALL) !== undefined) {
    return { kind: 'not-transferable', request: to };
  }
  const left = dequeue(execution, to, heir);
  const granted = grant(execution, to, heir, true);
  if (closedByGrant(execution, granted) !== undefined) {
    return { kind: 'not-transferable', request: to };
  }
  handOnFrom(execution, found.hold, [...freed, ...left]);
  handOnTo(execution, granted);
  return { kind: 'transferred', fence: granted.items[0]?.fence ?? 0n };
}

function waitsForThis({ context }: Execution, heir: RequestRow, lock: string): boolean {
  const isAlive = context.sessions.find(heir.session) !== undefined;
  const waits = heir.state === 'queued' && heir.kind === 'locks' && isAlive;
  return waits && heir.items.length === 1 && heir.items[0]?.lock === lock;
}

const BEFORE_ALL = '' as ByteString;
