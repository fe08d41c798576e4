import { toByteString, toHex } from '../encoding/byte-string';
import { fnvHash } from '../encoding/fnv-hash';
import { Malformed } from '../encoding/malformed';
import type { Answer } from '../execution/answer';
import type { HashFunction } from '../state/log-entry';
import { WriteFault, faultyTables } from './faulty-tables';
import { createSolo, type Solo, type SubmitOptions } from './solo';
import type { Outcome, Plugin, SessionId } from './state-machine';
import { createStateStore } from './state-store';
import type { StateStore } from './tables';
import { TIMERS } from '../execution/execution';

/** No op 0 is ever executed, so no session has this id. */
const NO_SESSION = '0-0' as SessionId;

/** One thing that happens to a plug-in while it is checked. */
export type ContractStep =
  /**
   * `session`: by which of the sessions, from 0, the request is named; by none of them by default. `service`: one of
   * those `before`, whose operation just happens; by default the plug-in that is checked.
   */
  | {
      readonly kind: 'operation';
      readonly operation: Uint8Array;
      readonly session?: number;
      readonly service?: string;
    }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'keepalive'; readonly session: number }
  | { readonly kind: 'close-session'; readonly session: number }
  | { readonly kind: 'new-view' };

export interface PluginCheck {
  readonly plugin: Plugin;
  /** Plug-ins whose ports it uses. */
  readonly before?: readonly Plugin[];
  /** What happens, in order: the longer and the odder the better. Each operation must be valid. */
  readonly steps: readonly ContractStep[];
  /** Valid queries, asked before every step. */
  readonly queries: readonly Uint8Array[];
  /** Sessions opened before the first step, with a ttl of 10 s: their ids are `1-0`, `2-0` ... 2 by default. */
  readonly sessionCount?: number;
  readonly hash?: HashFunction;
}

/** A plug-in does not keep the contract of `Plugin`; the message says in a sentence how. */
export class ContractBroken extends Error {
  override readonly name = 'ContractBroken';
}

/**
 * The contract of a plug-in, tested: throws `ContractBroken` when three copies of it, each treated differently, do not
 * stay the same through all steps, or when bytes that are no operation are not refused as they should be.
 *
 * - The first copy just runs.
 * - The second is made anew on its tables before every step, and asked every query: what is remembered outside the
 *   tables, or written by a query, makes it differ.
 * - In the third every operation is first tried with one of its writes failing: what is not undone makes it differ.
 */
export function checkPlugin(check: PluginCheck): void {
  const copies = [
    new Copy(check, 'plain'),
    new Copy(check, 'restarted'),
    new Copy(check, 'failed'),
  ];
  const [plain, restarted, failed] = copies as [Copy, Copy, Copy];
  for (const copy of copies) copy.openSessions(check.sessionCount ?? 2);
  check.steps.forEach((step, at) => {
    const where = `step ${at} (${step.kind})`;
    if (step.kind === 'operation' && step.service === undefined)
      checkBytes(check, step.operation, where);
    restarted.restart();
    restarted.ask(check.queries, where);
    const before = plain.digest();
    plain.pass(step);
    const answer = plain.take(step);
    if (answer?.kind === 'outcome' && answer.refused)
      demand(plain.digest() === before, where, 'a refused operation has left a change behind');
    restarted.pass(step);
    restarted.take(step);
    failed.fail(step, plain.writesOfLastStep, at);
    failed.take(step);
    for (const copy of [restarted, failed]) plain.mustEqual(copy, where);
  });
}

type Treatment = 'plain' | 'restarted' | 'failed';

const COMPLAINTS = {
  restarted: 'made anew on the same tables it differs: something is remembered outside of them',
  failed: 'after a failed attempt it differs: something was not undone',
} as const;

class Copy {
  solo: Solo;
  writesOfLastStep = 0;
  private readonly check: PluginCheck;
  private readonly treatment: Treatment;
  private readonly store: StateStore;
  private readonly hash: HashFunction;
  private readonly fault = new WriteFault();
  private readonly sessions: SessionId[] = [];
  private readonly happened: string[] = [];

  constructor(check: PluginCheck, treatment: Treatment) {
    this.check = check;
    this.treatment = treatment;
    this.hash = check.hash ?? fnvHash;
    this.store = createStateStore(this.hash);
    this.solo = this.start();
  }

  openSessions(count: number): void {
    for (let left = count; left > 0; left -= 1)
      this.sessions.push(this.solo.openSession({ ttlMs: 10_000 }));
  }

  restart(): void {
    const { clusterMs } = this.solo;
    this.solo = this.start();
    this.solo.stall(clusterMs - this.solo.clusterMs);
  }

  digest(): string {
    return this.store.digest(this.check.plugin.name);
  }

  ask(queries: readonly Uint8Array[], where: string): void {
    const before = this.digest();
    queries.forEach((query, at) => {
      const first = this.read(query);
      demand(sameOutcome(first, this.read(query)), where, `query ${at} is answered in two ways`);
    });
    demand(this.digest() === before, where, 'a query has changed the tables');
  }

  take(step: ContractStep): Answer | undefined {
    const { writeCount } = this.fault;
    const eventCount = this.solo.events.length;
    const answer = this.doStep(step);
    this.writesOfLastStep = this.fault.writeCount - writeCount;
    this.note(answer, eventCount);
    return answer;
  }

  /** An entry that does nothing, where the failed copy has its failed attempt: op-numbers stay the same. */
  pass(step: ContractStep): void {
    if (step.kind === 'operation') this.solo.closeSession(NO_SESSION, this.optionsOf(step));
  }

  /** Tries the operation with one of its writes, of which there are `writes`, failing. */
  fail(step: ContractStep, writes: number, at: number): void {
    if (step.kind !== 'operation' || writes === 0) return this.pass(step);
    this.fault.arm(1 + (at % writes));
    this.doStep(step);
    this.fault.disarm();
  }

  mustEqual(other: Copy, where: string): void {
    const complaint = other.treatment === 'plain' ? '' : COMPLAINTS[other.treatment];
    demand(this.digest() === other.digest(), where, `${complaint} (its tables)`);
    demand(
      this.happened.join() === other.happened.join(),
      where,
      `${complaint} (its answers and events)`,
    );
    demand(
      this.store.digest(TIMERS) === other.store.digest(TIMERS),
      where,
      `${complaint} (its timers)`,
    );
  }

  private start(): Solo {
    const { plugin, before = [] } = this.check;
    const watched: Plugin = {
      ...plugin,
      create: (tables) => plugin.create(faultyTables(tables, this.fault)),
    };
    return createSolo([...before, watched], this.hash, this.store);
  }

  private read(query: Uint8Array): Outcome {
    return this.solo.read(this.check.plugin.name, query);
  }

  private doStep(step: ContractStep): Answer | undefined {
    if (step.kind === 'operation')
      return this.solo.submit(
        step.service ?? this.check.plugin.name,
        step.operation,
        this.optionsOf(step),
      );
    if (step.kind === 'advance') this.solo.advance(step.ms);
    else if (step.kind === 'keepalive') this.solo.keepalive(this.sessionAt(step.session));
    else if (step.kind === 'close-session') this.solo.closeSession(this.sessionAt(step.session));
    else this.solo.newView();
    return undefined;
  }

  private optionsOf(step: { readonly session?: number }): SubmitOptions {
    return step.session === undefined ? {} : { session: this.sessionAt(step.session) };
  }

  private sessionAt(at: number): SessionId {
    const session = this.sessions[at];
    if (session === undefined) throw new RangeError(`there is no session ${at}`);
    return session;
  }

  private note(answer: Answer | undefined, eventCount: number): void {
    if (answer?.kind === 'problem') this.happened.push(answer.code);
    if (answer?.kind === 'outcome')
      this.happened.push(`${answer.refused}:${toHex(toByteString(answer.bytes))}`);
    for (const { service, bytes } of this.solo.events.slice(eventCount))
      this.happened.push(`${service}:${toHex(toByteString(bytes))}`);
  }
}

/** A valid operation is accepted; cut short or with a byte too many it ends in `Malformed`, not in a crash. */
function checkBytes({ plugin, hash }: PluginCheck, operation: Uint8Array, where: string): void {
  const machine = plugin.create(createStateStore(hash ?? fnvHash).tablesOf(plugin.name));
  try {
    machine.validate(operation);
  } catch (fault) {
    throw new ContractBroken(`${where}: validate refuses a valid operation: ${String(fault)}`);
  }
  const step = Math.max(1, Math.floor(operation.length / 64));
  for (let length = 0; length < operation.length; length += step)
    mustRefuse(() => machine.validate(operation.subarray(0, length)), `${where} cut to ${length}`);
  const longer = new Uint8Array(operation.length + 1);
  longer.set(operation);
  mustRefuse(() => machine.validate(longer), `${where} with a byte too many`);
}

function mustRefuse(validate: () => void, where: string): void {
  try {
    validate();
  } catch (fault) {
    demand(fault instanceof Malformed, where, `validate throws ${String(fault)}, not Malformed`);
    return;
  }
  throw new ContractBroken(`${where}: validate accepts bytes that are no operation`);
}

function demand(isKept: boolean, where: string, complaint: string): void {
  if (!isKept) throw new ContractBroken(`${where}: ${complaint}`);
}

const sameOutcome = (a: Outcome, b: Outcome): boolean =>
  a.refused === b.refused && toByteString(a.bytes) === toByteString(b.bytes);
