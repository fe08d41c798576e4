import { decodeLockEvent, LOCKS_SERVICE, type LockEvent } from '@lockstep/state-machines';
import { decodeSessionOperation, decodeSessionOutcome, SESSIONS } from '@lockstep/vr-core';
import { holds } from '../violation';
import { goTogether, withAbove, type LockUse } from './lock-uses';
import type { ExecutedOp } from './reference-execution';
import type { SessionRules } from './session-rules';

type Held = Extract<LockEvent, { kind: 'lock.granted' | 'lock.converted' }>;
type Released = Extract<LockEvent, { kind: 'lock.released' }>;

interface Hold extends LockUse {
  readonly fence: bigint;
  readonly session: string;
  readonly owner: string;
}

interface Delay extends LockUse {
  readonly untilMs: number;
  /** Who was lost: the delay keeps others out. It may still hold what is above, and ask for the same again. */
  readonly session: string;
  readonly owner: string;
}

/** Ends after which the holder may still be at work. (locks.md I11) */
const LOST: readonly Released['cause'][] = ['session-expired', 'max-hold', 'broken'];

/**
 * Who holds what, told by the events of the service alone: a lock, and everything above it, is never held twice in modes
 * that do not go together, fences only rise, a dead session holds nothing, and who was lost keeps others out for as long
 * as its session has said. (locks.md I1, I2, I3, I7, I11; G15)
 */
export class LockRules {
  private readonly sessions: SessionRules;
  private readonly holdsOf = new Map<string, Hold[]>();
  private readonly lockDelayMs = new Map<string, number>();
  private delays: Delay[] = [];
  private lastFence = 0n;
  private nowMs = 0;
  grants = 0;

  constructor(sessions: SessionRules) {
    this.sessions = sessions;
  }

  executed({ entry, executed }: ExecutedOp): void {
    this.nowMs = entry.clusterMs;
    this.delays = this.delays.filter(({ untilMs }) => untilMs > this.nowMs);
    for (const { request, answer } of executed.answers) {
      if (request.service !== SESSIONS || answer.kind !== 'outcome') continue;
      const operation = decodeSessionOperation(request.operation);
      const outcome = decodeSessionOutcome(answer.bytes);
      if (operation.kind !== 'open' || outcome.kind !== 'opened') continue;
      this.lockDelayMs.set(outcome.id, operation.lockDelayMs);
    }
    for (const { service, bytes, opNumber, n } of executed.events) {
      if (service === LOCKS_SERVICE) this.happened(decodeLockEvent(bytes), opNumber, n);
    }
    for (const session of this.sessions.endedBy(executed.opNumber)) this.checkGone(session);
  }

  private happened(event: LockEvent, opNumber: number, n: number): void {
    switch (event.kind) {
      case 'lock.granted':
        return this.granted(event, opNumber, n);
      case 'lock.converted':
        return this.converted(event, opNumber, n);
      case 'lock.released':
        return this.released(event, opNumber);
      default:
    }
  }

  private granted(event: Held, opNumber: number, n: number): void {
    const { lock, mode, fence, session, owner } = event;
    this.grants += 1;
    holds(
      'locks I2 fences rise',
      fence > this.lastFence,
      () => `op ${opNumber} grants ${lock} under fence ${fence} after ${this.lastFence}`,
    );
    this.lastFence = fence;
    holds(
      'locks I3 no grant to the dead',
      this.sessions.livedAt(session, opNumber, n),
      () => `op ${opNumber} grants ${lock} to ${session}, which is no session`,
    );
    const hold: Hold = { lock, mode, fence, session, owner };
    this.mustFit(hold, opNumber);
    this.holdsOf.set(lock, [...this.heldAt(lock), hold]);
  }

  /** Under a new fence it is a grant like others; a fence that stays is that of a hold in a weaker mode. */
  private converted(event: Held, opNumber: number, n: number): void {
    const { lock, mode, fence, session, owner } = event;
    const held = this.heldAt(lock);
    const same = (hold: Hold): boolean => hold.session === session && hold.owner === owner;
    const before = held.find((hold) => same(hold) && hold.mode !== 'permit');
    holds(
      'locks: only a holder converts',
      before !== undefined,
      () => `op ${opNumber} converts ${lock} of ${session}, which does not hold it`,
    );
    const others = held.filter((hold) => hold !== before);
    this.holdsOf.set(lock, others);
    if (fence !== before?.fence) return this.granted(event, opNumber, n);
    const hold: Hold = { lock, mode, fence, session, owner };
    this.mustFit(hold, opNumber);
    this.holdsOf.set(lock, [...others, hold]);
  }

  private released(event: Released, opNumber: number): void {
    const { lock, fence, cause, session } = event;
    const held = this.heldAt(lock);
    const hold = held.find((one) => one.fence === fence);
    holds(
      'locks: only a holder releases',
      hold !== undefined,
      () => `op ${opNumber} releases ${lock} of fence ${fence}, which nobody holds`,
    );
    const others = held.filter((one) => one !== hold);
    if (others.length > 0) this.holdsOf.set(lock, others);
    else this.holdsOf.delete(lock);
    const untilMs = this.nowMs + (this.lockDelayMs.get(session) ?? 0);
    if (hold === undefined || !LOST.includes(cause) || untilMs <= this.nowMs) return;
    const { owner } = hold;
    this.delays.push(...withAbove(hold).map((use) => ({ ...use, untilMs, session, owner })));
  }

  private mustFit(hold: Hold, opNumber: number): void {
    const uses = withAbove(hold);
    for (const other of this.allHolds()) {
      if (other.session === hold.session && other.owner === hold.owner) continue;
      const clash = withAbove(other).find((theirs) =>
        uses.some((ours) => !goTogether(theirs, ours)),
      );
      holds(
        'locks I1 never held twice',
        clash === undefined,
        () =>
          `op ${opNumber} grants ${hold.lock} ${hold.mode} to ${hold.session} beside ` +
          `${other.lock} ${other.mode} of ${other.session}`,
      );
    }
    const delay = this.delays.find(
      (each) =>
        (each.session !== hold.session || each.owner !== hold.owner) &&
        uses.some((ours) => !goTogether(each, ours)),
    );
    holds(
      'locks I11 a lost holder keeps others out',
      delay === undefined,
      () => `op ${opNumber} grants ${hold.lock} before ${String(delay?.untilMs)}`,
    );
  }

  private heldAt(lock: string): readonly Hold[] {
    return this.holdsOf.get(lock) ?? [];
  }

  private allHolds(): readonly Hold[] {
    return [...this.holdsOf.values()].flat();
  }

  private checkGone(session: string): void {
    for (const { lock, session: holder } of this.allHolds()) {
      holds(
        'locks I7 a dead session holds nothing',
        holder !== session,
        () => `${session} has ended and still holds ${lock}`,
      );
    }
  }
}
