import type { AuditEntry, AuditLog } from '../audit/audit-log';
import type { Need } from '../access/need';
import type { Principal } from '../access/principal';
import { expectMay } from './access';
import { textOf, type JsonObject } from './json';
import { Problem } from './problem';

/** An action that takes an administrator, before it is done. */
export interface Action {
  readonly principal: Principal;
  readonly requestId: string | undefined;
  /** What is asked: a kind of operation of a service, or a route. */
  readonly what: string;
  readonly details: JsonObject;
}

/** An operation as a door hands it on. */
interface Asked {
  readonly principal: Principal;
  readonly service: string;
  readonly op: JsonObject;
  readonly origin?: { readonly requestId?: string | undefined } | undefined;
}

type Told<R> = (reply: R | Problem) => void;

/** What may be large, or nobody's business who reads the log. */
const UNTOLD = /^(?:value|data|content|note|metadata|token)|Base64$/;
const TEXT_MAX = 256;

const takesAdmin = (needs: readonly Need[]): boolean => needs.some(({ role }) => role === 'admin');

/** Who did what, with force or as an administrator: on the disk before it is done, and its outcome before it is answered. */
export class AuditTrail {
  private readonly log: AuditLog;

  constructor(log: AuditLog) {
    this.log = log;
  }

  /** Throws the problem `audit-failed`: what cannot be written down is not done. */
  async asked(action: Action): Promise<void> {
    await this.write({ event: 'asked', ...entryOf(action) });
  }

  /** It has been done, and nothing undoes it: a log that fails now is told of by the next action. */
  async ended(action: Action, outcome: string, op?: string): Promise<void> {
    const entry = { event: 'ended', ...entryOf(action), outcome, op };
    await this.log.write(entry).catch(() => undefined);
  }

  /** Somebody tried who may not. */
  refused(action: Action, code: string): void {
    const entry = { event: 'refused', ...entryOf(action), outcome: code };
    void this.log.write(entry).catch(() => undefined);
  }

  /** Throws `Problem` for who may not. What takes an administrator is done between two lines, and refused with one. */
  permitted<R extends { readonly op?: string }>(
    asked: Asked,
    needs: readonly Need[],
    told: Told<R>,
    work: (tell: Told<R>) => void,
  ): void {
    if (!takesAdmin(needs)) {
      expectMay(asked.principal, needs);
      work(told);
      return;
    }
    const action = actionOf(asked);
    try {
      expectMay(asked.principal, needs);
    } catch (fault) {
      if (fault instanceof Problem) this.refused(action, fault.code);
      throw fault;
    }
    this.around(action, told, work);
  }

  private around<R extends { readonly op?: string }>(
    action: Action,
    told: Told<R>,
    work: (tell: Told<R>) => void,
  ): void {
    this.asked(action).then(
      () => {
        work((reply) => {
          const [outcome, op] = reply instanceof Problem ? [reply.code] : ['done', reply.op];
          void this.ended(action, outcome, op).then(() => {
            told(reply);
          });
        });
      },
      (fault: unknown) => {
        told(fault instanceof Problem ? fault : new Problem('audit-failed'));
      },
    );
  }

  newest(limit: number): Promise<AuditEntry[]> {
    return this.log.newest(limit);
  }

  private async write(entry: AuditEntry): Promise<void> {
    try {
      await this.log.write(entry);
    } catch {
      throw new Problem('audit-failed', undefined, { retryAfterMs: 1_000 });
    }
  }
}

const actionOf = ({ principal, service, op, origin }: Asked): Action => ({
  principal,
  requestId: origin?.requestId,
  what: `${service} ${textOf(op['kind'])}`,
  details: op,
});

const entryOf = ({ principal, requestId, what, details }: Action): AuditEntry => ({
  principal: principal.name,
  requestId,
  what,
  details: shown(details),
});

function shown(details: JsonObject): AuditEntry {
  const kept = Object.entries(details).filter(([name]) => name !== 'kind' && !UNTOLD.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, shortened(value)]));
}

function shortened(value: unknown): unknown {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : value;
}
