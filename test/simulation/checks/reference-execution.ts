import {
  bodyOf,
  createExecution,
  fnvHash,
  GROUP,
  nameKey,
  toByteString,
  type Answer,
  type ByteString,
  type Cadence,
  type Effect,
  type EntryBody,
  type Executed,
  type Execution,
  type LogEntry,
  type ReplicaView,
  type Request,
} from '@lockstep/vr-core';
import type { Observer } from '../observer';
import { services } from '../services';
import type { ObservedHost } from '../observed-host';
import { holds } from '../violation';

/** An op of the one history, executed once, outside every replica. */
export interface ExecutedOp {
  readonly entry: LogEntry;
  readonly body: EntryBody;
  readonly executed: Executed;
}

export type ExecutedListener = (op: ExecutedOp) => void;

/** So many ops lie between two comparisons of digests. */
const DIGEST_EVERY = 32;

/**
 * Whose tables are compared, each in its turn. The event log is compared event by event instead, answers answer by
 * answer, and everything when all is over.
 */
const DIGESTED = ['core.position', 'sessions', 'counter', 'core.timers', 'locks'] as const;

/**
 * Executes the committed history once, in order, beside the group: what every replica must have come to at the same
 * op, and what every client must have been told. (G5, G6, G7)
 */
export class ReferenceExecution implements Observer {
  readonly execution: Execution;
  readonly answers = new Map<string, Extract<Answer, { kind: 'outcome' }>>();
  private readonly listeners: ExecutedListener[] = [];
  private readonly digests = new Map<number, ByteString>();
  private readonly published: ByteString[][] = [];

  constructor(cadence: Cadence) {
    this.execution = createExecution({ plugins: services(), hash: fnvHash, cadence });
  }

  onExecuted(listener: ExecutedListener): void {
    this.listeners.push(listener);
  }

  committed(entry: LogEntry): void {
    const executed = this.execution.execute(entry);
    this.published.push(executed.events.map((event) => toByteString(event.bytes)));
    for (const { request, answer } of executed.answers) this.remember(request, answer);
    if (entry.opNumber % DIGEST_EVERY === 0) {
      this.digests.set(entry.opNumber, digestOf(this.execution));
    }
    const op = { entry, body: bodyOf(entry), executed };
    for (const listener of this.listeners) listener(op);
  }

  stepped(host: ObservedHost, { executedNumber, stateWhole }: ReplicaView): void {
    const expected = this.digests.get(executedNumber);
    const execution = host.replica?.execution;
    if (expected === undefined || execution === undefined || !stateWhole) return;
    holds(
      'G5 equal states',
      digestOf(execution) === expected,
      () => `the state of replica ${host.self} after op ${executedNumber} is another one`,
    );
  }

  /** What a replica publishes is what everyone publishes at that op. */
  events(host: ObservedHost, events: Extract<Effect, { kind: 'events' }>['events']): void {
    for (const { opNumber, n, bytes } of events) {
      holds(
        'G5 equal events',
        this.published[opNumber - 1]?.[n] === toByteString(bytes),
        () => `replica ${host.self} publishes another event ${n} of op ${opNumber}`,
      );
    }
  }

  answer(host: ObservedHost, request: Request, answer: Answer): void {
    if (answer.kind !== 'outcome') return;
    const name = nameKey(request);
    const known = this.answers.get(name);
    // A change of the group that cannot be is refused before it enters the log. (VRR §7.1)
    if (known === undefined && answer.refused && request.service === GROUP) return;
    holds(
      'G6 reply of a committed op',
      known !== undefined,
      () => `replica ${host.self} answers ${name} by op ${answer.opNumber}, which is not committed`,
    );
    if (known === undefined) return;
    holds(
      'G7 stable replies',
      answer.opNumber === known.opNumber &&
        answer.index === known.index &&
        answer.refused === known.refused &&
        toByteString(answer.bytes) === toByteString(known.bytes),
      () =>
        `replica ${host.self} answers ${name} by op ${answer.opNumber}.${answer.index}, ` +
        `executed was op ${known.opNumber}.${known.index}`,
    );
  }

  private remember(request: Request, answer: Answer): void {
    if (answer.kind === 'problem' || answer.replayed) return;
    const name = nameKey(request);
    const earlier = this.answers.get(name);
    holds(
      'G6 exactly once',
      earlier === undefined,
      () => `${name} is executed by op ${answer.opNumber} and by op ${String(earlier?.opNumber)}`,
    );
    this.answers.set(name, answer);
  }
}

function digestOf(execution: Execution): ByteString {
  const turn = execution.executed / DIGEST_EVERY;
  return execution.digest(DIGESTED[turn % DIGESTED.length]);
}
