import type { TraceParent } from '../../replica-host/call-watcher';

const TRACE_PARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** The header `traceparent`; undefined when it is none: then a trace begins here. (W3C Trace Context, §3.2, §4.3) */
export function parseTraceParent(header: unknown): TraceParent | undefined {
  const [, traceId, spanId, flags] =
    typeof header === 'string' ? (TRACE_PARENT.exec(header) ?? []) : [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}
