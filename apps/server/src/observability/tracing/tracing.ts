import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Link,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import type { AnsweredCall, TraceParent } from '../../replica-host/call-watcher';
import type { OpClock } from '../../replica-host/op-clock';
import { isSampled, traceOfOp, type GroupName } from './op-trace';

export interface TracingParts {
  readonly tracer: Tracer;
  readonly group: GroupName;
  readonly sampleRatio: number;
  /** Sends what is left. */
  readonly close: () => Promise<void>;
}

/** More ops than this in one turn are not looked at one by one: the replica is catching up. */
const OPS_PER_TURN_MAX = 256;
/** One op answers no more callers than this in its links. */
const LINKS_MAX = 128;

/**
 * Spans of requests and of ops, made when they are over from the times that were noted on the way: the core knows nothing of
 * it, and neither do the log and the other replicas. A request is in the trace of whoever asked; an op, which many requests
 * share, in one of its own, and the two are linked.
 */
export class Tracing {
  private readonly parts: TracingParts;
  private readonly requestsOf = new Map<number, SpanContext[]>();
  private tracedThrough: number | undefined;

  constructor(parts: TracingParts) {
    this.parts = parts;
  }

  /** The span of what came in at a door; undefined when it is not sampled. */
  begin(name: string, parent: TraceParent | undefined, attributes: Attributes): Span | undefined {
    const context =
      parent === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
    const options = { kind: SpanKind.SERVER, attributes };
    const span = this.parts.tracer.startSpan(name, options, context);
    return span.isRecording() ? span : undefined;
  }

  onAnswered(answered: AnsweredCall, ops: OpClock): void {
    const { origin, op, outcome, sinceMs, answeredMs } = answered;
    if (origin?.trace === undefined) return;
    const links: Link[] = op === undefined ? [] : [{ context: traceOfOp(this.parts.group, op) }];
    const name = `group ${answered.service} ${answered.kind ?? answered.call}`;
    const span = this.span(name, origin.trace, sinceMs, attributesOf(answered), links);
    if (outcome !== 'ok') span.setStatus({ code: SpanStatusCode.ERROR, message: outcome });
    const inside = span.spanContext();
    const times = op === undefined ? undefined : ops.of(op);
    if (op !== undefined && times !== undefined && times.loggedMs >= sinceMs) {
      const committedMs = times.committedMs === 0 ? ops.stepMs : times.committedMs;
      this.stage('wait', inside, sinceMs, times.loggedMs);
      if (times.storedMs !== 0) this.stage('store', inside, times.loggedMs, times.storedMs);
      this.stage('commit', inside, times.loggedMs, committedMs);
      this.stage('apply', inside, committedMs, answeredMs);
      this.link(op, inside);
    }
    span.end(timeOf(answeredMs));
  }

  /** After each turn: the ops that are over are told of. */
  onTurn(commit: number, ops: OpClock): void {
    const before = this.tracedThrough ?? commit;
    this.tracedThrough = Math.max(commit, before);
    for (let op = Math.max(before, commit - OPS_PER_TURN_MAX) + 1; op <= commit; op += 1)
      if (this.parts.sampleRatio > 0 && !this.requestsOf.has(op)) this.traceIfSampled(op, ops);
    for (const [op, requests] of this.requestsOf) {
      if (op > commit) continue;
      this.requestsOf.delete(op);
      this.traceOp(op, traceOfOp(this.parts.group, op), requests, ops);
    }
  }

  close(): Promise<void> {
    return this.parts.close();
  }

  private link(op: number, request: SpanContext): void {
    const requests = this.requestsOf.get(op);
    if (requests === undefined) this.requestsOf.set(op, [request]);
    else if (requests.length < LINKS_MAX) requests.push(request);
  }

  private traceIfSampled(op: number, ops: OpClock): void {
    const context = traceOfOp(this.parts.group, op);
    if (isSampled(context, this.parts.sampleRatio)) this.traceOp(op, context, [], ops);
  }

  private traceOp(
    op: number,
    context: SpanContext,
    requests: readonly SpanContext[],
    ops: OpClock,
  ): void {
    const times = ops.of(op);
    if (times === undefined || times.committedMs === 0) return;
    const { loggedMs, storedMs, committedMs } = times;
    const links = requests.map((request) => ({ context: request }));
    const span = this.span(`op ${op}`, context, loggedMs, { 'lockstep.op': op }, links);
    if (storedMs !== 0) this.stage('store', span.spanContext(), loggedMs, storedMs);
    this.stage('commit', span.spanContext(), loggedMs, committedMs);
    span.end(timeOf(Math.max(storedMs, committedMs)));
  }

  private stage(name: string, parent: SpanContext, sinceMs: number, untilMs: number): void {
    this.span(name, parent, sinceMs).end(timeOf(Math.max(sinceMs, untilMs)));
  }

  private span(
    name: string,
    parent: TraceParent,
    sinceMs: number,
    attributes: Attributes = {},
    links: Link[] = [],
  ): Span {
    const context = trace.setSpanContext(ROOT_CONTEXT, parent);
    const options = { startTime: timeOf(sinceMs), attributes, links };
    return this.parts.tracer.startSpan(name, options, context);
  }
}

function attributesOf({ call, request, op, outcome, origin }: AnsweredCall): Attributes {
  return {
    'lockstep.call': call,
    'lockstep.outcome': outcome,
    ...(request !== undefined && { 'lockstep.request': request }),
    ...(op !== undefined && { 'lockstep.op': op }),
    ...(origin?.requestId !== undefined && { 'lockstep.request_id': origin.requestId }),
  };
}

/** Milliseconds since 1970 of a moment of the monotonic clock. */
const timeOf = (monotonicMs: number): number => performance.timeOrigin + monotonicMs;
