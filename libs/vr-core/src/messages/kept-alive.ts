import { counter, integer, list, struct, union, word } from '../encoding/shape';
import type { ProblemCode } from '../execution/answer';
import type { Shape } from '../encoding/shape';
import type { ClusterMs } from '../numbers/numbers';
import { headerFields, type Header } from './header';

/** What became of a keepalive: the session lives on until its deadline, or why nothing can be said. */
export type KeptAlive =
  | {
      readonly kind: 'touched';
      readonly ttlMs: number;
      readonly deadlineMs: ClusterMs;
      readonly clusterMs: ClusterMs;
    }
  | { readonly kind: 'problem'; readonly code: ProblemCode };

/** ⟨KEPTALIVE v, results⟩: the Tick that carried these touches is committed, or they were turned down. (decision 22) */
export interface KeptAliveMessage extends Header {
  readonly kind: 'KeptAlive';
  readonly results: readonly { readonly ticket: number; readonly result: KeptAlive }[];
}

const resultShape = union({
  touched: struct({
    ttlMs: integer(),
    deadlineMs: counter<ClusterMs>(),
    clusterMs: counter<ClusterMs>(),
  }),
  problem: struct({
    code: word('session-expired', 'not-your-session', 'no-primary', 'busy'),
  }),
}) as unknown as Shape<KeptAlive>;

export const keptAliveShape = struct({
  ...headerFields,
  results: list(struct({ ticket: integer(), result: resultShape }), 1 << 16),
});
