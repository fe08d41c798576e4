import {
  decodeGroupAnswer,
  encodeGroupQuery,
  GROUP,
  type Execution,
  type Member,
} from '@lockstep/vr-core';

/** Nodes that may become members, as far as a replica knows. */
export function knownJoiners(executionOf: () => Execution): () => readonly Member[] {
  let known: readonly Member[] = [];
  return () => {
    const execution = executionOf();
    // While pages come in, and at a witness that let its state go, there is none to be read: what was known before stands.
    if (!execution.isWhole) return known;
    const query = encodeGroupQuery({ kind: 'joiners' });
    const answer = decodeGroupAnswer(execution.read(GROUP, query, execution.clusterMs).bytes);
    if (answer.kind === 'joiners') known = answer.joiners;
    return known;
  };
}
