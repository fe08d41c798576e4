import type { AnsweredCall, CallWatcher } from '../replica-host/call-watcher';
import type { LogTail } from './log-tail';
import type { Logger } from './logger';
import type { Metrics } from './metrics';
import { RepeatLimit } from './repeat-limit';
import { Ring } from './ring';
import { SlowOperations } from './slow-operations';
import type { Tracing } from './tracing/tracing';

export interface DiagnosisOptions {
  readonly logger: Logger;
  readonly tail: LogTail;
  readonly metrics: Metrics;
  readonly slowMs: number;
  readonly tracing: Tracing | undefined;
}

const EVENTS_KEPT = 500;

/** A step of the protocol, as `/v1/debug/events` shows it. */
export interface RecentEvent {
  readonly at: string;
  readonly line: string;
}

/** What a replica remembers of the last minutes, for whoever has to find out why. */
export class Diagnosis implements CallWatcher {
  readonly slow: SlowOperations;
  readonly slowMs: number;
  readonly tail: LogTail;
  readonly tracing: Tracing | undefined;
  readonly limit = new RepeatLimit();
  private readonly events = new Ring<RecentEvent>(EVENTS_KEPT);
  private readonly metrics: Metrics;

  constructor({ logger, tail, metrics, slowMs, tracing }: DiagnosisOptions) {
    this.slowMs = slowMs;
    this.tail = tail;
    this.tracing = tracing;
    this.metrics = metrics;
    this.slow = new SlowOperations(slowMs, logger, this.limit, metrics.meters);
    metrics.meters.counter(
      'lockstep_log_lines_suppressed_total',
      'Lines that repeated too often to be written',
      () => this.limit.suppressed,
    );
  }

  onAnswered(answered: AnsweredCall): void {
    const { ops } = this.metrics.host;
    if (answered.answeredMs - answered.sinceMs >= this.slowMs) this.slow.add(answered, ops);
    this.tracing?.onAnswered(answered, ops);
  }

  addEvent(line: string): void {
    this.events.add({ at: new Date().toISOString(), line });
  }

  /** The newest first. */
  recentEvents(): RecentEvent[] {
    return this.events.list().reverse();
  }
}
