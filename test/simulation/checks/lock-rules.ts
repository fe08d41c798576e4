import {
  decodeLockEvent,
  LOCKS_SERVICE,
  type LockEvent,
  type Mode,
} from '@lockstep/state-machines';
import { holds } from '../violation';
import type { ExecutedOp } from './reference-execution';
import type { SessionRules } from './session-rules';

type LockGranted = Extract<LockEvent, { kind: 'lock.granted' }>;

interface Hold {
  readonly fence: bigint;
  readonly session: string;
  readonly mode: Mode;
}

/**
 * Who holds what, told by the events of the service alone: a lock is never held twice in modes that do not go
 * together, fences only rise, and a dead session holds nothing. (locks.md I1, I2, I3, I7; G15)
 */
export class LockRules {
  private readonly sessions: SessionRules;
  private readonly holdsOf = new Map<string, Hold[]>();
  private lastFence = 0n;
  grants = 0;

  constructor(sessions: SessionRules) {
    this.sessions = sessions;
  }

  executed({ executed }: ExecutedOp): void {
    for (const { service, bytes, opNumber, n } of executed.events) {
      if (service === LOCKS_SERVICE) this.happened(decodeLockEvent(bytes), opNumber, n);
    }
    for (const session of this.sessions.endedBy(executed.opNumber)) this.checkGone(session);
  }

  private happened(event: LockEvent, opNumber: number, n: number): void {
    if (event.kind === 'lock.granted') this.granted(event, opNumber, n);
    if (event.kind !== 'lock.released') return;
    const held = this.holdsOf.get(event.lock) ?? [];
    holds(
      'locks: only a holder releases',
      held.some((one) => one.fence === event.fence),
      () => `op ${opNumber} releases ${event.lock} of fence ${event.fence}, which nobody holds`,
    );
    this.holdsOf.set(
      event.lock,
      held.filter((one) => one.fence !== event.fence),
    );
  }

  private granted(event: LockGranted, opNumber: number, n: number): void {
    const { lock, mode, fence, session } = event;
    const held = this.holdsOf.get(lock) ?? [];
    this.grants += 1;
    holds(
      'locks I1 never held twice',
      held.every((one) => one.mode === 'shared' && mode === 'shared'),
      () =>
        `op ${opNumber} grants ${lock} ${mode} to ${session} beside ${String(held[0]?.session)}`,
    );
    holds(
      'locks I2 fences rise',
      fence > this.lastFence,
      () => `op ${opNumber} grants ${lock} under fence ${fence} after ${this.lastFence}`,
    );
    holds(
      'locks I3 no grant to the dead',
      this.sessions.livedAt(session, opNumber, n),
      () => `op ${opNumber} grants ${lock} to ${session}, which is no session`,
    );
    this.lastFence = fence;
    this.holdsOf.set(lock, [...held, { fence, session, mode }]);
  }

  private checkGone(session: string): void {
    for (const [lock, held] of this.holdsOf) {
      holds(
        'locks I7 a dead session holds nothing',
        held.every((one) => one.session !== session),
        () => `${session} has ended and still holds ${lock}`,
      );
    }
  }
}
