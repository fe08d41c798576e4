import {
  decodeSessionOutcome,
  encodeSessionOperation,
  SESSIONS,
  type Answer,
  type KeptAlive,
} from '@lockstep/vr-core';
import type { Chance } from '../chance';
import { keyedName, requestOf } from '../services';
import { holds } from '../violation';
import type { Caller } from './caller';
import type { ClientWorld } from './client-world';
import { OpenSession } from './open-session';

/** Opens a session for one client, keeps it alive, and opens the next one when it is gone. */
export class SessionLease {
  current: OpenSession | undefined;
  private readonly world: ClientWorld;
  private readonly chance: Chance;
  private readonly caller: Caller;
  private readonly principal: string;
  private opened = 0;
  private over = false;

  constructor(world: ClientWorld, chance: Chance, caller: Caller, principal: string) {
    this.world = world;
    this.chance = chance;
    this.caller = caller;
    this.principal = principal;
  }

  open(): void {
    this.current = undefined;
    if (this.over) return;
    const { ttlMs } = this.world.plan;
    const bytes = encodeSessionOperation({
      kind: 'open',
      ttlMs,
      name: this.principal,
      metadata: undefined,
      lockDelayMs: this.chance.pick([0, 0, 500]),
      onEnd: 'release',
    });
    const name = keyedName(`${this.principal} opens ${(this.opened += 1)}`);
    const request = requestOf(name, this.principal, { service: SESSIONS, bytes }, 0);
    const asked = this.world.history.asked();
    this.caller.call<Answer>({
      repeatable: true,
      send: (host, timeoutMs, reply) => this.world.doors.request(host, request, timeoutMs, reply),
      settle: (answer) => {
        if (answer.kind === 'problem') return settlesNothing(answer.code);
        this.world.history.wrote(asked, answer);
        const outcome = decodeSessionOutcome(answer.bytes);
        if (outcome.kind === 'opened') this.current = new OpenSession(outcome.id);
        this.keepAlive();
        return true;
      },
    });
  }

  /** No more keepalives, no next session. */
  stop(): void {
    this.over = true;
  }

  /** The group says that the session is gone: nothing under its name can come to anything any more. */
  lose(session: OpenSession): void {
    this.world.sessions.expired(session.id);
    if (this.current === session) this.open();
  }

  private keepAlive(): void {
    const session = this.current;
    if (session === undefined || this.over) return;
    const client = { session: session.id, principal: this.principal };
    this.caller.call<KeptAlive>({
      repeatable: false,
      send: (host, timeoutMs, reply) => this.world.doors.keepAlive(host, client, timeoutMs, reply),
      settle: (result) => {
        if (this.current !== session || this.over) return true;
        if (result.kind === 'touched') {
          this.world.sessions.keptAlive(session.id, result);
          this.world.time.after(this.world.plan.ttlMs / 3, () => {
            if (this.current === session) this.keepAlive();
          });
          return true;
        }
        if (result.code === 'session-expired') {
          this.lose(session);
          return true;
        }
        return settlesNothing(result.code);
      },
    });
  }
}

const TRY_AGAIN: readonly string[] = [
  'no-primary',
  'outcome-unknown',
  'busy',
  'moved',
  'active-missing',
  'witness',
];

/** Problems that only say "try again"; any other is one that this workload gives no cause for. */
export function settlesNothing(code: string): false {
  holds('clients: expected problems', TRY_AGAIN.includes(code), () => `a client is told ${code}`);
  return false;
}
