import { mutantNamed } from '../simulation/mutants/mutants';
import type { Substitution } from '../simulation/source-loader';

const CORE = 'libs/vr-core/src';

/**
 * Errors that are put into the core for the explorer: rules of the paper as they are written there, and errors of other
 * implementations. Those that the simulator looks for too are in its list.
 */
export const SUBSTITUTIONS = {
  /** f + 1 of an even group: two quorums need not meet. (VRR §4.1; E27) */
  quorumOfHalf: {
    file: `${CORE}/state/configuration.ts`,
    text: 'return Math.floor(configuration.members.length / 2) + 1;',
    by: 'return Math.floor((configuration.members.length - 1) / 2) + 1;',
  },
  /** One vote is enough: there is no round of STARTVIEWCHANGE. (VRR §8.2) */
  withoutFirstRound: {
    file: `${CORE}/view-change/vote.ts`,
    text: 'const agreed = fresh[quorumOf(state.epoch.configuration) - 1];',
    by: 'const agreed = fresh[Math.min(0, quorumOf(state.epoch.configuration))];',
  },
  /** Whoever hears of a later view cuts its log back to what is committed before it asks. (VRR §5.2; E7) */
  truncateOnGetState: {
    file: `${CORE}/view-change/get-view.ts`,
    text: 'backup.askedViewAtMs = now.monotonicMs;',
    by: `backup.askedViewAtMs = now.monotonicMs;
  if (state.commitNumber < state.log.opNumber) state.log.truncateAfter(state.commitNumber);
  state.stores.storedNumber = state.log.opNumber;
  state.stores.logVersion += 1;`,
  },
  /** v' is read off the last entry of the log. (E11) */
  viewOfLastEntry: {
    file: `${CORE}/view-change/send-do-view-change.ts`,
    text: 'lastNormalView: state.lastNormalView,',
    by: 'lastNormalView: { ...state.lastNormalView, viewNumber: state.log.head?.viewNumber ?? 0 },',
  },
  /** The log of an epoch goes on behind its last entry. (E32) */
  entriesAfterTheLast: {
    file: `${CORE}/normal-operation/close-batch.ts`,
    text: 'if (epochEndsHere(state)) return;',
    by: '',
  },
  /** A member works in its epoch with whatever it holds of the epoch before. (E29) */
  epochWithoutLog: {
    file: `${CORE}/reconfiguration/transition.ts`,
    text: `      opNumber: startOp,
      headHash: startHash,
      commitNumber: startOp,`,
    by: `      opNumber: state.log.opNumber,
      headHash: state.log.headHash,
      commitNumber: state.commitNumber,`,
  },
  /** Hearing of the new epoch is enough to go. (E30) */
  retiredByTheNews: {
    file: `${CORE}/reconfiguration/retire.ts`,
    text: 'if (!isStarted(state)) return;',
    by: 'void isStarted;',
  },
  /** Nobody says how long it has promised an old primary to wait. (E37 c) */
  votesWithoutGrants: {
    file: `${CORE}/view-change/send-do-view-change.ts`,
    text: 'leaseRemainingMs: leaseRemainingMs(state, now),',
    by: 'leaseRemainingMs: Math.min(0, leaseRemainingMs(state, now)),',
  },
  quorumOfF: mutantNamed('quorum of f'),
  replyBeforeCommit: mutantNamed('reply before commit'),
  ackBeforeSync: mutantNamed('ack before sync'),
  startViewWithoutGuard: mutantNamed('StartView without guard'),
  longestLogWins: mutantNamed('longest log wins'),
  primaryResumes: mutantNamed('primary resumes its view'),
  promiseAfterMessage: mutantNamed('promise after the message'),
  baseOfPrimaryAlone: mutantNamed('base of the primary alone'),
  newPrimaryDoesNotWait: mutantNamed('new primary does not wait'),
  leaseFromAnswer: mutantNamed('lease from the answer'),
  promiseForgottenAtRestart: mutantNamed('promise forgotten at restart'),
} as const satisfies Record<string, Substitution>;
