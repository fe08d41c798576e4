import type { Execution, ReplicaView } from '@lockstep/vr-core';
import { Registry } from 'prom-client';
import type { PeerFigures } from '../peers/peer-channel';
import type { StorageFigures } from '../storage/replica-storage';
import { ReplicaMeter } from './replica-meter';
import { DoorMetrics } from './metrics/door-metrics';
import { Meters } from './metrics/meters';
import { NoteMetrics } from './metrics/note-metrics';
import { meterPeers } from './metrics/peer-metrics';
import { meterProcess } from './metrics/process-metrics';
import { meterReplica } from './metrics/replica-metrics';
import { meterState } from './metrics/state-metrics';
import { meterStorage, SyncMetrics } from './metrics/storage-metrics';

/** What metrics are read from when somebody asks. */
export interface MetricSources {
  readonly view: () => ReplicaView;
  readonly execution: Execution;
  readonly folder: string;
  readonly peers: () => PeerFigures;
  readonly storage: () => StorageFigures;
  readonly sockets: () => number;
  readonly outstanding: () => number;
  readonly mailbox: () => number;
}

/** All that one replica counts and times, as Prometheus text. (docs/metrics.md) */
export class Metrics {
  readonly registry = new Registry();
  readonly meters = new Meters(this.registry);
  readonly notes = new NoteMetrics(this.meters);
  readonly doors = new DoorMetrics(this.meters);
  readonly syncs = new SyncMetrics(this.meters);
  readonly host = new ReplicaMeter(this.meters);
  private sources: MetricSources | undefined;
  private readonly certificates = new Map<string, number>();

  /** Gauges are read when they are asked for. Once. */
  observe(sources: MetricSources): void {
    this.sources = sources;
    const { meters } = this;
    meterProcess(meters, this.registry);
    meterReplica(meters, this.lookOnce(sources.view));
    meterState(meters, sources.execution);
    meterPeers(meters, sources.peers);
    meterStorage(meters, sources.folder, sources.storage);
    meters.gauge('lockstep_client_sockets', 'Connections of the client channel', sources.sockets);
    meters.gauge('lockstep_outstanding', 'Calls that wait for an answer here', sources.outstanding);
    meters.gauge('lockstep_mailbox_inputs', 'Inputs that wait for the core', sources.mailbox);
    meters.gauges(
      'lockstep_certificate_expiry_timestamp_seconds',
      'When a certificate in use ends, in seconds since 1970',
      ['certificate'],
      () => [...this.certificates].map(([certificate, atMs]) => [{ certificate }, atMs / 1000]),
    );
  }

  /** What waits here, and for whom. */
  queues(): object {
    const { sources } = this;
    return {
      mailbox: sources?.mailbox(),
      outstanding: sources?.outstanding(),
      sockets: sources?.sockets(),
      peers: sources?.peers(),
      storage: sources?.storage(),
    };
  }

  /** `use` is one of few words for what the certificate is used for; `endsMs` since 1970. */
  setCertificate(use: string, endsMs: number): void {
    this.certificates.set(use, endsMs);
  }

  /** One view for all gauges of a scrape: they are read one after the other, without a pause. */
  private lookOnce(view: () => ReplicaView): () => ReplicaView {
    let looked: ReplicaView | undefined;
    return () => {
      if (looked === undefined) {
        looked = view();
        setImmediate(() => {
          looked = undefined;
        });
      }
      return looked;
    };
  }
}
