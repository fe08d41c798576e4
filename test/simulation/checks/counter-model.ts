import {
  counterOperation,
  decodeCounterOutcome,
  type CounterOperation,
} from '@lockstep/state-machines';
import { decode, type Request } from '@lockstep/vr-core';
import { holds } from '../violation';
import type { ExecutedOp } from './reference-execution';

interface Counter {
  /** Ops that changed it, rising, and its value after each. */
  readonly ops: number[];
  readonly values: number[];
  sent: number;
  acknowledged: number;
}

/** Counters as anyone would write them, beside the service: adds, in the order of the log, each once. */
export class CounterModel {
  private readonly counters = new Map<string, Counter>();

  executed({ executed }: ExecutedOp): void {
    for (const { request, answer } of executed.answers) {
      if (request.service !== 'counter' || answer.kind !== 'outcome' || answer.replayed) continue;
      const { name, by } = addOf(request);
      const counter = this.counter(name);
      const value = (counter.values.at(-1) ?? 0) + by;
      const outcome = decodeCounterOutcome(answer.bytes);
      holds(
        'counter: sequential',
        outcome.kind === 'counted' && outcome.value === value,
        () => `op ${answer.opNumber} makes ${name} ${outcome.value}, expected was ${value}`,
      );
      counter.ops.push(answer.opNumber);
      counter.values.push(value);
    }
  }

  sent(request: Request): void {
    const { name, by } = addOf(request);
    this.counter(name).sent += by;
  }

  acknowledged(request: Request): void {
    const { name, by } = addOf(request);
    this.counter(name).acknowledged += by;
  }

  /** The value after op `opNumber`. */
  valueAt(name: string, opNumber: number): number {
    const { ops, values } = this.counter(name);
    let low = 0;
    let high = ops.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ops[middle] as number) <= opNumber) low = middle + 1;
      else high = middle;
    }
    return values[low - 1] ?? 0;
  }

  /** Each acknowledged add is in the value, once; nothing is in it that nobody sent. (G6) */
  checkSums(): void {
    for (const [name, { values, sent, acknowledged }] of this.counters) {
      const value = values.at(-1) ?? 0;
      holds(
        'G6 exactly once',
        acknowledged <= value && value <= sent,
        () => `${name} is ${value}, acknowledged ${acknowledged}, sent ${sent}`,
      );
    }
  }

  private counter(name: string): Counter {
    let counter = this.counters.get(name);
    if (counter === undefined) {
      counter = { ops: [], values: [], sent: 0, acknowledged: 0 };
      this.counters.set(name, counter);
    }
    return counter;
  }
}

function addOf(request: Request): Extract<CounterOperation, { kind: 'add' }> {
  const operation = decode(counterOperation, request.operation);
  if (operation.kind !== 'add') throw new TypeError('the workload only adds');
  return operation;
}
