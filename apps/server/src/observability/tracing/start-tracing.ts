import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { ReplicaIdentity } from '../../config/replica-config';
import type { TracingSettings } from '../../config/settings/tracing-settings';
import { VERSION } from '../../version';
import { Tracing } from './tracing';

const SEND_EVERY_MS = 1_000;

/** What is not sent in time is dropped: a collector that is away costs memory for so many spans, and no more. */
const SPANS_WAITING_MAX = 8_192;

/** Sends spans to a collector, by OTLP over HTTP with JSON. This file alone loads the SDK: who does not trace pays nothing. */
export function startTracing(settings: TracingSettings, identity: ReplicaIdentity): Tracing {
  const { groupId, generation, nodeId } = identity;
  const { otlpUrl, sampleRatio } = settings;
  const exporter = new OTLPTraceExporter({ url: otlpUrl });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'lockstep',
      'service.version': VERSION,
      'service.instance.id': nodeId,
      'lockstep.group': groupId,
      'lockstep.replica': identity.replicaNumber,
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
    spanProcessors: [
      new BatchSpanProcessor(exporter, {
        scheduledDelayMillis: SEND_EVERY_MS,
        maxQueueSize: SPANS_WAITING_MAX,
      }),
    ],
  });
  return new Tracing({
    tracer: provider.getTracer('lockstep', VERSION),
    group: { groupId, generation },
    sampleRatio,
    close: () => provider.shutdown(),
  });
}
