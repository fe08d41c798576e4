import { createHash } from 'node:crypto';
import type { SpanContext } from '@opentelemetry/api';

/** Which group, and of which generation: op-numbers mean nothing without it. */
export interface GroupName {
  readonly groupId: string;
  readonly generation: number;
}

/**
 * The trace of one op, which every replica knows without being told: so their spans of it meet, and nothing about traces
 * travels between replicas or enters the log.
 */
export function traceOfOp({ groupId, generation }: GroupName, op: number): SpanContext {
  const hash = createHash('sha256').update(`op ${groupId} ${generation} ${op}`).digest('hex');
  return {
    traceId: hash.slice(0, 32),
    spanId: hash.slice(32, 48),
    traceFlags: 1,
    isRemote: true,
  };
}

/** The same verdict at every replica with the same ratio. */
export const isSampled = ({ traceId }: SpanContext, ratio: number): boolean =>
  Number.parseInt(traceId.slice(0, 8), 16) < ratio * 2 ** 32;
