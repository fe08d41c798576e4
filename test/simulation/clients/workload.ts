import {
  decodeLockOperation,
  decodeLockOutcome,
  encodeCounterOperation,
  encodeLockOperation,
  LOCKS_SERVICE,
  type LockOperation,
} from '@lockstep/state-machines';
import type { Request } from '@lockstep/vr-core';
import type { Chance } from '../chance';
import type { Operation } from '../services';
import { OPERATION_KINDS, type ClientPlan, type OperationKind } from './client-plan';
import { LockVariety } from './lock-variety';
import type { OpenSession } from './open-session';

/** What one client asks for next: adds, and locks that are taken, waited for, given back, or left behind. */
export class Workload {
  private readonly chance: Chance;
  private readonly plan: ClientPlan;
  private readonly variety: LockVariety;

  constructor(chance: Chance, plan: ClientPlan) {
    this.chance = chance;
    this.plan = plan;
    this.variety = new LockVariety(chance.stream('lock variety'));
  }

  next(): OperationKind {
    const { weights } = this.plan;
    const sum = OPERATION_KINDS.reduce((total, kind) => total + weights[kind], 0);
    let left = this.chance.fraction() * sum;
    for (const kind of OPERATION_KINDS) {
      left -= weights[kind];
      if (left < 0) return kind;
    }
    return 'add';
  }

  counter(): string {
    return `c${this.chance.below(this.plan.counters)}`;
  }

  addition(): Operation {
    const by = 1 + this.chance.below(9);
    const bytes = encodeCounterOperation({ kind: 'add', name: this.counter(), by });
    return { service: 'counter', bytes };
  }

  acquisition(session: OpenSession, request: string): Operation {
    const { chance } = this;
    const lock = `l${chance.below(this.plan.locks)}`;
    const owner = chance.pick(['', 'a', 'b']);
    const mode = chance.pick(['exclusive', 'exclusive', 'shared'] as const);
    const waitMs = chance.pick([0, 200, 2000, undefined]);
    const usual = { request, session: session.id, lock, owner, mode, waitMs };
    return lockOperation(this.variety.acquire(usual));
  }

  /** Gives back the oldest grant; without one, says so of a lock that is probably another's. */
  release(session: OpenSession, request: string): Operation {
    const other = this.variety.inPlaceOfRelease(session, request);
    if (other !== undefined) return lockOperation(other);
    const grant = session.grants.shift() ?? { lock: 'l0', owner: 'a', fence: undefined };
    return lockOperation({ kind: 'release', session: session.id, ...grant, value: undefined });
  }

  /** Undoes the oldest acquire that was queued, wherever it has got to since. */
  cancellation({ queued }: OpenSession, own: string): Operation {
    return lockOperation({ kind: 'cancel', request: queued.shift() ?? own });
  }

  /** What was granted is to be released one day, what was queued to be cancelled. */
  remember(session: OpenSession, request: Request, bytes: Uint8Array): void {
    if (request.service !== LOCKS_SERVICE) return;
    const operation = decodeLockOperation(request.operation);
    const outcome = decodeLockOutcome(bytes);
    if (operation.kind !== 'acquire' && operation.kind !== 'convert') return;
    if (outcome.kind === 'queued') session.queued.push(outcome.request);
    if (outcome.kind !== 'granted') return;
    const { owner } = operation;
    for (const { lock, fence } of outcome.grants) session.grants.push({ lock, owner, fence });
  }
}

function lockOperation(operation: LockOperation): Operation {
  return { service: LOCKS_SERVICE, bytes: encodeLockOperation(operation) };
}
