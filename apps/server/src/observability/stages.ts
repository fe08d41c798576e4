import type { AnsweredCall } from '../replica-host/call-watcher';
import type { OpClock } from '../replica-host/op-clock';

/** Where the time of an operation went, in milliseconds. Store and commit run side by side. */
export interface Stages {
  /** At the door and in queues; at a backup also on the way to the primary and back. */
  readonly waitMs: number;
  /** Undefined when a quorum was faster than the disk here. */
  readonly storeMs: number | undefined;
  readonly commitMs: number;
  /** Executing it with what shares its step, and at another door than the primary's the way back. */
  readonly applyMs: number;
}

/** Undefined when the op is none of the newest, or was there before the call: a repetition is answered by what was. */
export function stagesOf(
  { op, sinceMs, answeredMs }: Pick<AnsweredCall, 'op' | 'sinceMs' | 'answeredMs'>,
  ops: OpClock,
): Stages | undefined {
  const times = op === undefined ? undefined : ops.of(op);
  if (times === undefined || times.loggedMs < sinceMs) return undefined;
  const { loggedMs, storedMs } = times;
  // What is answered in the turn that learns of the commit is told before the turn ends.
  const committedMs = times.committedMs === 0 ? ops.stepMs : times.committedMs;
  return {
    waitMs: tenths(loggedMs - sinceMs),
    storeMs: storedMs === 0 ? undefined : tenths(storedMs - loggedMs),
    commitMs: tenths(committedMs - loggedMs),
    applyMs: tenths(Math.max(0, answeredMs - committedMs)),
  };
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;
