import { decodeSessionEvent, SESSIONS, type ExecutedEvent, type Store } from '@lockstep/vr-core';
import { lockEventKind, LOCKS_SERVICE } from '@lockstep/state-machines';
import { LabelCounts } from '../observability/metrics/label-counts';
import type { Meters } from '../observability/metrics/meters';
import { PeerMetrics } from '../observability/metrics/peer-metrics';
import { COUNTS, type Tally } from '../observability/metrics/tally';
import type { HostMeter } from './replica-host';
import { OpClock } from './op-clock';

/** What passes through the host of a replica, counted and timed. */
export class ReplicaMeter implements HostMeter {
  readonly ops: OpClock;
  private readonly peers: PeerMetrics;
  private readonly events = new LabelCounts('service', 'event');
  private readonly turns: Tally;
  private readonly checkpoints: Tally;
  private checkpointSinceMs: number | undefined;

  constructor(meters: Meters) {
    this.ops = new OpClock(meters);
    this.peers = new PeerMetrics(meters);
    this.turns = meters.histogram(
      'lockstep_turn_inputs',
      'Inputs of the core taken in one turn of the event loop',
      COUNTS,
    );
    this.checkpoints = meters.histogram(
      'lockstep_checkpoint_seconds',
      'From the first page of a checkpoint until it is in force',
      [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300],
    );
    meters.counters(
      'lockstep_service_events_total',
      'What executed operations have told watchers, by service and kind',
      ['service', 'event'],
      () => this.events.samples(),
    );
  }

  onTurn(inputs: number, commitNumber: number): void {
    this.turns.observe(inputs);
    this.ops.committedThrough(commitNumber, performance.now());
  }

  onStep(nowMs: number): void {
    this.ops.stepMs = nowMs;
  }

  onStore(store: Store): void {
    const nowMs = performance.now();
    this.ops.onStore(store, nowMs);
    if (store.pages?.isTransfer === false) this.checkpointSinceMs ??= nowMs;
  }

  onStored(store: Store): void {
    const nowMs = performance.now();
    this.ops.onStored(store, nowMs);
    if (store.checkpoint === undefined || this.checkpointSinceMs === undefined) return;
    this.checkpoints.observe((nowMs - this.checkpointSinceMs) / 1000);
    this.checkpointSinceMs = undefined;
  }

  onSent(kind: string): void {
    this.peers.sent.add(kind);
  }

  onReceived(kind: string): void {
    this.peers.received.add(kind);
  }

  onEvents(events: readonly ExecutedEvent[]): void {
    for (const event of events) this.events.add(event.service, kindOf(event));
  }
}

function kindOf({ service, bytes }: ExecutedEvent): string {
  if (service === LOCKS_SERVICE) return lockEventKind(bytes) ?? 'other';
  if (service !== SESSIONS) return 'change';
  const event = decodeSessionEvent(bytes);
  return event.kind === 'opened' ? 'opened' : event.cause;
}
