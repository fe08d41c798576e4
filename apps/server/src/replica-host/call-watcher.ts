/** Where a call comes from, for lines and spans about it: never part of what the group decides. */
export interface Origin {
  /** `x-request-id`, the client's or one of ours. */
  readonly requestId?: string;
  /** The span that the call is a part of, when it is traced. */
  readonly trace?: TraceParent;
}

export interface Originated {
  readonly origin?: Origin | undefined;
}

/** What another span is told of its parent. (W3C Trace Context, §3.2) */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Bit 0: it is sampled. */
  readonly traceFlags: number;
}

/** A call that has been answered, with what the gateway knows of it. Times are of the monotonic clock, in milliseconds. */
export interface AnsweredCall {
  readonly call: 'operation' | 'query' | 'keep-alive';
  readonly service: string;
  /** The kind of the operation or query, where the door said it. */
  readonly kind: string | undefined;
  /** The request's name, as the log has it. */
  readonly request: string | undefined;
  readonly origin: Origin | undefined;
  readonly sinceMs: number;
  readonly answeredMs: number;
  /** Undefined when it never was in the log. */
  readonly op: number | undefined;
  /** `ok`, or the code of the problem. */
  readonly outcome: string;
}

/** Told of calls that took long, and of those that are traced. */
export interface CallWatcher {
  readonly slowMs: number;
  onAnswered(call: AnsweredCall): void;
}
