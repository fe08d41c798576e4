import type { AnsweredCall } from '../replica-host/call-watcher';
import type { Logger } from './logger';
import type { Meters } from './metrics/meters';
import type { OpClock } from '../replica-host/op-clock';
import type { RepeatLimit } from './repeat-limit';
import { Ring } from './ring';
import { stagesOf, type Stages } from './stages';

const KEPT = 200;

/** A call that took long, and where its time went. Names, never the content of what was asked. */
export interface SlowOperation {
  readonly at: string;
  readonly requestId: string | undefined;
  readonly call: AnsweredCall['call'];
  readonly service: string;
  readonly kind: string | undefined;
  readonly request: string | undefined;
  readonly op: number | undefined;
  readonly outcome: string;
  readonly totalMs: number;
  /** Undefined for what was not in the log while it was under way. */
  readonly stages: Stages | undefined;
}

/** Calls that took longer than they should: one line each, and the last of them for `/v1/debug/slow`. */
export class SlowOperations {
  readonly slowMs: number;
  private readonly kept = new Ring<SlowOperation>(KEPT);
  private readonly logger: Logger;
  private readonly limit: RepeatLimit;
  private count = 0;

  constructor(slowMs: number, logger: Logger, limit: RepeatLimit, meters: Meters) {
    this.slowMs = slowMs;
    this.logger = logger;
    this.limit = limit;
    meters.counter(
      'lockstep_slow_operations_total',
      'Calls that took longer than log.slowMs: see the log, or /v1/debug/slow',
      () => this.count,
    );
  }

  list(): SlowOperation[] {
    return this.kept.list().reverse();
  }

  add(answered: AnsweredCall, ops: OpClock): void {
    const slow = slowOperation(answered, stagesOf(answered, ops));
    this.count += 1;
    this.kept.add(slow);
    const suppressed = this.limit.admit('slow');
    if (suppressed === undefined) return;
    const { at: _, ...facts } = slow;
    this.logger.warn({ ...facts, ...(suppressed > 0 && { suppressed }) }, lineOf(slow));
  }
}

function slowOperation(answered: AnsweredCall, stages: Stages | undefined): SlowOperation {
  const { call, service, kind, request, op, outcome, origin, sinceMs, answeredMs } = answered;
  const totalMs = Math.round(answeredMs - sinceMs);
  const at = new Date().toISOString();
  const { requestId } = origin ?? {};
  return { at, requestId, call, service, kind, request, op, outcome, totalMs, stages };
}

function lineOf({ service, kind = '', totalMs, outcome, stages }: SlowOperation): string {
  const where =
    stages === undefined
      ? ''
      : `: ${stages.waitMs} until it was in the log here, then ${stages.storeMs ?? '?'} until it was durable here and ` +
        `${stages.commitMs} until it was committed, ${stages.applyMs} until it was executed and told here`;
  return `slow: ${service} ${kind} took ${totalMs} ms (${outcome})${where}`;
}
