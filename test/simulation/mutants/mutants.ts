import type { Substitution } from '../source-loader';

/** A known error of protocols like this one, put back into the sources by one exact replacement. */
export interface Mutant extends Substitution {
  readonly name: string;
  /** What goes wrong, in a sentence. */
  readonly error: string;
}

const CORE = 'libs/vr-core/src';

/** A checker that cannot fail proves nothing: the simulator must find each of these. (decision 24) */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'quorum of f',
    error: 'f replicas are taken for enough, and two quorums need not meet (E27)',
    file: `${CORE}/state/configuration.ts`,
    text: 'return Math.floor(configuration.nodeIds.length / 2) + 1;',
    by: 'return Math.max(1, Math.ceil(configuration.nodeIds.length / 2) - 1);',
  },
  {
    name: 'reply before commit',
    error: 'the primary executes and answers as soon as its own disk holds the entry',
    file: `${CORE}/normal-operation/commit-held.ts`,
    text: 'const committed = Math.min(state.stores.storedNumber, held);',
    by: 'const committed = Math.max(state.stores.storedNumber, Math.min(0, held));',
  },
  {
    name: 'ack before sync',
    error: 'a backup acknowledges what it has only in memory',
    file: `${CORE}/normal-operation/send-prepare-ok.ts`,
    text: 'const { storedNumber } = state.stores;',
    by: 'const storedNumber = state.log.opNumber as typeof state.stores.storedNumber;',
  },
  {
    name: 'StartView without guard',
    error: 'a delayed STARTVIEW of an older view is believed (E10)',
    file: `${CORE}/view-change/on-start-view.ts`,
    text: "if (viewNumber < state.viewNumber) return out.ignore(message, 'older view');",
    by: '',
  },
  {
    name: 'request table on receipt',
    error: 'a request counts as known from its receipt on, also when a view change has dropped it (E22)',
    file: `${CORE}/view-change/leave-view.ts`,
    text: 'primary.inFlight = new Map();',
    by: '',
  },
  {
    name: 'expiry by local clock',
    error: 'each replica looks at its own clock in place of the stamp in the log (E37 h)',
    file: `${CORE}/execution/execute-committed.ts`,
    text: 'execution.execute(entry)',
    by: 'execution.execute({ ...entry, clusterMs: Math.floor(now.monotonicMs) as never })',
  },
];

export function mutantNamed(name: string): Mutant {
  const mutant = MUTANTS.find((one) => one.name === name);
  if (mutant === undefined) throw new RangeError(`there is no mutant "${name}"`);
  return mutant;
}
