import type { Chance } from '../chance';
import { nowMs, pause } from '../clock';
import type { Caller, Fate } from '../clients/caller';
import type { LockSession, Wanted } from '../clients/lock-session';
import type { Findings } from '../findings';
import type { Question } from '../history/history';
import { MODES, type LockState } from '../models/lock-model';
import type { Fences } from './fences';
import type { Subject } from './subject';

const HELD_MS_MAX = 40;
const WAIT_MS_MAX = 8_000;

export interface LockWorkerParts {
  readonly name: string;
  readonly chance: Chance;
  readonly findings: Findings;
  readonly fences: Fences;
  /** For looks at a lock. */
  readonly caller: Caller;
  readonly open: () => Promise<LockSession | undefined>;
}

/** Takes locks in all modes, each time as another owner, and now and then dies with them. */
export class LockWorker {
  readonly #parts: LockWorkerParts;
  #session: LockSession | undefined;
  #owners = 0;
  /** Sessions that ended otherwise than by the word of their client. */
  deaths = 0;

  constructor(parts: LockWorkerParts) {
    this.#parts = parts;
  }

  async use(subject: Subject<LockState>): Promise<void> {
    const { chance, name, caller } = this.#parts;
    if (chance.happens(0.2)) {
      const question = { service: 'locks', kind: 'lock', lock: subject.name };
      await subject.ask(name, question, { ask: () => caller.read(question) });
      return;
    }
    if (this.#session?.isOver === true) this.#session = undefined;
    const session = (this.#session ??= await this.#parts.open());
    if (session !== undefined) await this.#take(subject, session);
  }

  async close(): Promise<void> {
    await this.#session?.close();
  }

  async #take(subject: Subject<LockState>, session: LockSession): Promise<void> {
    const { chance, name, fences } = this.#parts;
    const wanted: Wanted = {
      lock: subject.name,
      owner: `${name}/${++this.#owners}`,
      mode: chance.of(MODES),
      waitMs: chance.happens(0.4) ? 0 : chance.whole(200, WAIT_MS_MAX),
    };
    const floor = fences.floor;
    const dies = chance.happens(0.02);
    const asked = (): Promise<Fate> => session.acquire(wanted);
    const fate = await subject.ask(name, questionOf('acquire', wanted, session), {
      ask: dies
        ? () => Promise.race([asked(), pause(chance.whole(0, 200), undefined, { ref: false })])
        : asked,
    });
    if (fate === 'never') return;
    if (fate === undefined) {
      this.#die(subject, session);
      return;
    }
    if (fate.kind === 'refused') {
      this.#refused(subject, session, fate.code);
      return;
    }
    const { fence } = fate.value as { readonly fence: string };
    fences.granted(subject.name, floor, BigInt(fence));
    await pause(chance.whole(0, HELD_MS_MAX));
    await this.#leave(subject, session, { wanted, fence });
  }

  async #leave(
    subject: Subject<LockState>,
    session: LockSession,
    { wanted, fence }: { readonly wanted: Wanted; readonly fence: string },
  ): Promise<void> {
    const { chance, name } = this.#parts;
    const way = chance.next();
    if (way < 0.03) {
      this.#die(subject, session);
      return;
    }
    if (way < 0.08) return this.#closeWith(subject, session);
    const fate = await subject.ask(name, questionOf('release', wanted, session), {
      ask: () => session.release(wanted, fence),
    });
    if (fate === undefined || fate === 'never') {
      this.#die(subject, session);
      return;
    }
    if (fate.kind === 'refused') this.#refused(subject, session, fate.code);
    else if ((fate.value as { readonly outcome: string }).outcome !== 'released')
      this.#lost(subject, session);
  }

  /** The end of a session, said by its client, releases at once. */
  async #closeWith(subject: Subject<LockState>, session: LockSession): Promise<void> {
    this.#session = undefined;
    const question = endOf(session);
    await subject.ask(this.#parts.name, question, {
      ask: async () =>
        (await session.close()) ? { kind: 'done', value: {}, place: undefined } : undefined,
    });
  }

  #refused(subject: Subject<LockState>, session: LockSession, code: string): void {
    if (code === 'session-expired') this.#lost(subject, session);
  }

  /** The group has ended it, which it may do when its ttl is over and nothing was heard. */
  #lost(subject: Subject<LockState>, session: LockSession): void {
    const { findings, name } = this.#parts;
    const leftMs = session.sureUntilMs - nowMs();
    if (leftMs > 0) {
      const what = `session ${session.id} of ${name} was ended ${Math.round(leftMs)} ms before its ttl was over`;
      findings.add('no lease ends early', what);
    }
    this.#die(subject, session);
  }

  /** The group is told nothing: it has to find out, or has, but not before the ttl was over. */
  #die(subject: Subject<LockState>, session: LockSession): void {
    this.#session = undefined;
    this.deaths += 1;
    const { sureUntilMs } = session;
    session.abandon();
    subject.expect(endOf(session), Math.max(0, sureUntilMs));
  }
}

const endOf = ({ id }: LockSession): Question => ({ service: 'locks', kind: 'end', session: id });

const questionOf = (
  kind: 'acquire' | 'release',
  { lock, owner, mode, waitMs }: Wanted,
  { id }: LockSession,
): Question => ({ service: 'locks', kind, lock, owner, mode, session: id, waitMs });
