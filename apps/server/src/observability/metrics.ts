import type { Execution, ReplicaView } from '@lockstep/vr-core';
import { Registry } from 'prom-client';
import type { PeerFigures } from '../peers/peer-channel';
import type { StorageFigures } from '../storage/replica-storage';
import { ReplicaMeter } from '../replica-host/replica-meter';
import { DoorMetrics } from './metrics/door-metrics';
import { Meters } from './metrics/meters';
import { NoteMetrics } from './metrics/note-metrics';
import { meterPeers } from './metrics/peer-metrics';
import { meterProcess } from './metrics/process-metrics';
import { meterReplica } from './metrics/replica-metrics';
import { meterScrub } from './metrics/scrub-metrics';
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
  /** Undefined without TLS. */
  readonly certificateExpiresAtMs: () => number | undefined;
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

  /** Gauges are read when they are asked for. Once. */
  observe(sources: MetricSources): void {
    this.sources = sources;
    const { meters } = this;
    meterProcess(meters, this.registry);
    meterReplica(meters, this.lookOnce(sources.view));
    meterState(meters, sources.execution);
    meterPeers(meters, sources.peers);
    meterStorage(meters, sources.folder, sources.storage);
    meterScrub(meters, () => sources.storage().scrub);
    meters.gauge('lockstep_client_sockets', 'Connections of the client channel', sources.sockets);
    meters.gauge('lockstep_outstanding', 'Calls that wait for an answer here', sources.outstanding);
    meters.gauge('lockstep_mailbox_inputs', 'Inputs that wait for the core', sources.mailbox);
    meters.gauge(
      'lockstep_certificate_expiry_timestamp_seconds',
      'When the certificate in use that is the first to expire ends, in seconds since 1970',
      () => secondsOf(sources.certificateExpiresAtMs()),
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

const secondsOf = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : ms / 1_000;
