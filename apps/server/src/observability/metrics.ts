import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Note, ReplicaView } from '@lockstep/vr-core';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { PeerFigures } from '../peers/peer-channel';
import type { StorageFigures } from '../storage/replica-storage';

/** What metrics are read from when somebody asks; nothing is computed before. */
export interface MetricSources {
  readonly view: () => ReplicaView;
  readonly peers: () => PeerFigures;
  readonly storage: () => StorageFigures;
  readonly sockets: () => number;
  readonly outstanding: () => number;
}

const SECONDS = [
  0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.125, 0.25, 0.5, 1, 2, 4,
];

/** Counters, gauges and histograms of one replica, as Prometheus text. */
export class Metrics {
  readonly registry = new Registry();
  /** Answers of REST, by route and status. */
  readonly http = new Histogram({
    name: 'lockstep_http_request_seconds',
    help: 'REST requests by route, method and status',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: SECONDS,
    registers: [this.registry],
  });
  /** Answers of the client channel by service and code (`ok` for a result): counted in a map, shown when asked for. */
  private readonly items = new Map<string, ItemCount>();
  private readonly turns = new Histogram({
    name: 'lockstep_turn_inputs',
    help: 'Inputs of the core taken in one turn of the event loop',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048],
    registers: [this.registry],
  });
  private readonly ignored = new Counter({
    name: 'lockstep_ignored_messages_total',
    help: 'Messages that were not processed, by reason',
    labelNames: ['message', 'reason'] as const,
    registers: [this.registry],
  });
  private readonly events = new Counter({
    name: 'lockstep_protocol_events_total',
    help: 'Steps of the protocol, by kind',
    labelNames: ['event'] as const,
    registers: [this.registry],
  });
  private readonly unauthenticated = new Counter({
    name: 'lockstep_authentication_failures_total',
    help: 'Requests and connections without a good token, by reason',
    labelNames: ['reason'] as const,
    registers: [this.registry],
  });
  private readonly alarms = new Counter({
    name: 'lockstep_alarms_total',
    help: 'Things somebody should look at: see the log',
    registers: [this.registry],
  });

  onNote(note: Note): void {
    switch (note.kind) {
      case 'protocol':
        this.events.inc({ event: note.event });
        break;
      case 'ignored':
        this.ignored.inc({ message: note.what, reason: note.reason });
        break;
      case 'alarm':
        this.alarms.inc();
        break;
    }
  }

  onUnauthenticated(reason: string): void {
    this.unauthenticated.inc({ reason });
  }

  onTurn(inputs: number): void {
    this.turns.observe(inputs);
  }

  onItem(service: string, code: string): void {
    const name = `${service} ${code}`;
    const counted = this.items.get(name);
    if (counted === undefined) this.items.set(name, { service, code, count: 1 });
    else counted.count += 1;
  }

  /** Gauges are read when they are asked for. Once. */
  observe(sources: MetricSources): void {
    collectDefaultMetrics({ register: this.registry });
    this.observeItems();
    this.observeReplica(sources.view);
    this.observePeers(sources.peers);
    this.observeStorage(sources.storage);
    this.gauge('lockstep_client_sockets', 'Connections of the client channel', sources.sockets);
    this.gauge('lockstep_outstanding', 'Calls that wait for an answer here', sources.outstanding);
    const lag = monitorEventLoopDelay({ resolution: 10 });
    lag.enable();
    this.gauge('lockstep_event_loop_lag_seconds', '99th percentile since the last look', () => {
      const seconds = lag.percentile(99) / 1e9;
      lag.reset();
      return seconds;
    });
  }

  private observeItems(): void {
    const { items } = this;
    new Gauge({
      name: 'lockstep_client_items_total',
      help: 'Items of the client channel by service and outcome',
      labelNames: ['service', 'code'] as const,
      registers: [this.registry],
      collect() {
        for (const { service, code, count } of items.values()) this.set({ service, code }, count);
      },
    });
  }

  private observeReplica(view: () => ReplicaView): void {
    const gauges: readonly [string, string, (view: ReplicaView) => number][] = [
      ['epoch', 'Epoch-number', (v) => v.epochNumber],
      ['view', 'View-number', (v) => v.viewNumber],
      ['op', 'Op-number of the log', (v) => v.opNumber],
      ['stored_op', 'Durable up to this op', (v) => v.storedNumber],
      ['commit', 'Commit-number', (v) => v.commitNumber],
      ['executed_op', 'Executed up to this op', (v) => v.executedNumber],
      ['primary', 'Replica-number of the primary of the view', (v) => v.primary],
      ['serving', '1 at a primary that serves', (v) => Number(v.serving)],
      ['normal', '1 in status normal', (v) => Number(v.status === 'normal')],
      ['lag_milliseconds', 'Since the primary was heard', (v) => v.lagMs],
      ['parked', 'Requests that wait for an answer in the core', (v) => v.parked],
      ['queued', 'Requests that wait for an entry at this primary', (v) => v.queued],
      ['internal_errors', 'Operations in which a plug-in threw', (v) => v.internalErrors],
    ];
    for (const [name, help, read] of gauges)
      this.gauge(`lockstep_${name}`, help, () => read(view()));
  }

  private observePeers(peers: () => PeerFigures): void {
    const names = [
      'framesSent',
      'framesReceived',
      'bytesSent',
      'bytesReceived',
      'framesDropped',
      'handshakesRefused',
      'malformed',
      'misattributed',
    ] as const;
    for (const name of names)
      this.gauge(`lockstep_peer_${snakeCase(name)}_total`, 'Peer channel', () => peers()[name]);
    this.gauge('lockstep_peers_connected', 'Peers', () => peers().connected.length);
  }

  private observeStorage(storage: () => StorageFigures): void {
    const names = ['flushes', 'entries', 'bytes', 'promises', 'waiting'] as const;
    for (const name of names)
      this.gauge(`lockstep_storage_${name}`, 'Storage since the start', () => storage()[name]);
  }

  private gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}

interface ItemCount {
  readonly service: string;
  readonly code: string;
  count: number;
}

const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
