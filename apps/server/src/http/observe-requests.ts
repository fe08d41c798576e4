import type { Span } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HostLogParts } from '../observability/host-log';
import { parseTraceParent } from '../observability/tracing/trace-parent';
import type { Tracing } from '../observability/tracing/tracing';
import type { TraceParent } from '../replica-host/call-watcher';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the span of this request, where it is traced. */
    trace?: TraceParent;
  }
}

type Observers = Pick<HostLogParts, 'logger' | 'metrics' | 'diagnosis'>;

/** What is looked at all the time says nothing in a trace. */
const TRACED = /^\/(?:v1\/(?!debug)|webhdfs\/)/;

/** Each request is named, counted and timed; for debugging it is a line, and where traces are on a span. */
export function observeRequests(instance: FastifyInstance, observers: Observers): void {
  const { logger, metrics, diagnosis } = observers;
  instance.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  instance.addHook('onResponse', (request, reply, done) => {
    const { method, id: requestId } = request;
    const route = routeOf(request);
    const { statusCode: status, elapsedTime } = reply;
    metrics.doors.onRequest(route, method, status, elapsedTime / 1000);
    // The template of the route, not its path: names of locks and files are not for logs.
    if (logger.isLevelEnabled('debug')) {
      const ms = Math.round(elapsedTime * 10) / 10;
      logger.debug({ requestId, route, method, status, ms }, `${method} ${route} ${status}`);
    }
    done();
  });
  if (diagnosis.tracing !== undefined) traceRequests(instance, diagnosis.tracing);
}

function traceRequests(instance: FastifyInstance, tracing: Tracing): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  instance.addHook('onRequest', (request, _reply, done) => {
    const route = routeOf(request);
    const span = TRACED.test(route) ? beginSpan(tracing, request, route) : undefined;
    if (span !== undefined) {
      spans.set(request, span);
      request.trace = span.spanContext();
    }
    done();
  });
  instance.addHook('onResponse', (request, reply: FastifyReply, done) => {
    const span = spans.get(request);
    span?.setAttribute('http.response.status_code', reply.statusCode);
    span?.end();
    done();
  });
}

const beginSpan = (tracing: Tracing, request: FastifyRequest, route: string): Span | undefined =>
  tracing.begin(`${request.method} ${route}`, parseTraceParent(request.headers['traceparent']), {
    'http.request.method': request.method,
    'http.route': route,
    'lockstep.request_id': request.id,
  });

const routeOf = ({ routeOptions }: FastifyRequest): string => routeOptions.url ?? 'none';
