import type { Substitution } from '../source-loader';

/** A known error of protocols like this one, put back into the sources by one exact replacement. */
export interface Mutant extends Substitution {
  readonly name: string;
  /** What goes wrong, in a sentence. */
  readonly error: string;
}

const CORE = 'libs/vr-core/src';

/** A checker that cannot fail proves nothing: the simulator must find each of these. (decision 24) */
/** The first six are the ones a first version must find; the rest keep the other rules honest. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'quorum of f',
    error: 'f replicas are taken for enough, and two quorums need not meet (E27)',
    file: `${CORE}/state/configuration.ts`,
    text: 'return Math.floor(configuration.members.length / 2) + 1;',
    by: 'return Math.max(1, Math.ceil(configuration.members.length / 2) - 1);',
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
    error:
      'a request counts as known from its receipt on, also when a view change has dropped it (E22)',
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
  {
    name: 'longest log wins',
    error: 'the new view begins with the longest log, of whatever view (E12)',
    file: `${CORE}/view-change/choose-log.ts`,
    text: 'return byView > 0 || (byView === 0 && offer.opNumber > best.opNumber);',
    by: 'return offer.opNumber > best.opNumber || byView > Number.MAX_SAFE_INTEGER;',
  },
  {
    name: 'view of the last entry',
    error: "v' is read off the last entry in place of the last normal view (E11)",
    file: `${CORE}/view-change/send-do-view-change.ts`,
    text: 'lastNormalView: state.lastNormalView,',
    by: 'lastNormalView: { ...state.lastNormalView, viewNumber: state.log.head?.viewNumber ?? state.viewNumber },',
  },
  {
    name: 'primary resumes its view',
    error:
      'a primary that restarts goes on in a view of which its disk may have forgotten PREPAREs (T31)',
    file: `${CORE}/replica/on-start.ts`,
    text: '} else if (isPrimary(state)) {',
    by: '} else if (isPrimary(state) && state.viewNumber < 0) {',
  },
  {
    name: 'promise after the message',
    error: 'a replica speaks in a view before its disk knows of it (E1)',
    file: `${CORE}/view-change/replace-log.ts`,
    text: 'const change = { promise: true, log: { afterOp: kept, entries: added } };',
    by: 'const change = { promise: false, log: { afterOp: kept, entries: added } };',
  },
  {
    name: 'read without a round',
    error: 'a primary answers reads without asking whether it still is one (decision 9)',
    file: `${CORE}/reads/read-index.ts`,
    text: 'if (quorumOf(state.epoch.configuration) === 1) answerQuestions(state, now, out);',
    by: "tell(state, from, { tickets, opNumber: state.commitNumber, by: 'echoes' }, now, out);",
  },
  {
    name: 'read before the view is settled',
    error: 'a new primary reads at a commit-number below what the old one acknowledged (E21)',
    file: `${CORE}/reads/read-index.ts`,
    text: 'if (question.opNumber !== undefined || state.commitNumber < state.primary.newViewOp) return;',
    by: 'if (question.opNumber !== undefined) return;',
  },
  {
    name: 'lease from the answer',
    error: 'a lease is counted from the receipt of the answer in place of the sending (E37 a)',
    file: `${CORE}/normal-operation/on-prepare-ok.ts`,
    text: 'noteClock(state, ok, now, out);',
    by: `for (const mark of state.leases.marks) {
      if (mark.beat <= ok.beat) Object.assign(mark, {
        monotonicMs: now.monotonicMs,
        wallMs: now.wallSeconds * 1000 + now.wallNanos / 1_000_000,
      });
    }`,
  },
  {
    name: 'lease ignores drift',
    error: "a lease lasts by the holder's clock as long as by anyone else's (E37 b)",
    file: `${CORE}/reads/lease.ts`,
    text: 'leaseMs * (1 - clockDrift)',
    by: 'leaseMs + 0 * clockDrift',
  },
  {
    name: 'lease by one clock',
    error: 'a clock that stands still or jumps is believed (E37 b)',
    file: `${CORE}/clock/lease-clock.ts`,
    text: 'wallMs: now.wallSeconds * 1000 + now.wallNanos / 1_000_000,',
    by: 'wallMs: now.monotonicMs,',
  },
  {
    name: 'new primary does not wait',
    error: 'a new primary commits while an older one may still read by itself (E37 c)',
    file: `${CORE}/normal-operation/commit-held.ts`,
    text: ' || waitsForLeases(state, now)',
    by: '',
  },
  {
    name: 'promise forgotten at restart',
    error: 'a replica that starts has granted nothing, as far as it knows (E37 d)',
    file: `${CORE}/replica/on-start.ts`,
    text: 'grantAtStart(state, now);',
    by: '',
  },
  {
    name: 'lease survives abdication',
    error: 'a primary that others no longer wait for goes on reading by itself (E37 f)',
    file: `${CORE}/reads/lease.ts`,
    text: "if (state.backup.abdicated) return refused('steps down');",
    by: '',
  },
  {
    name: 'forgotten request',
    error: 'a request that was executed is not known when it comes again (E22, E26)',
    file: `${CORE}/execution/request-table.ts`,
    text: 'const row = this.numbered.get(keyAfter12(session.key, requestNumber));',
    by: 'const row = undefined as Uint8Array | undefined;',
  },
  {
    name: 'shared beside exclusive',
    error: 'readers are let in to a writer (locks I1)',
    file: 'libs/state-machines/src/lock-manager/model/compatibility.ts',
    text: '  exclusive: [],',
    by: "  exclusive: ['shared'],",
  },
  {
    name: 'keepalive of half a ttl',
    error: 'a keepalive moves the deadline by half the ttl that it promises (locks.md R2 b, I4)',
    file: `${CORE}/sessions/session-service.ts`,
    text: 'const deadlineMs = Math.max(session.deadlineMs, nowMs + session.ttlMs) as ClusterMs;',
    by: 'const deadlineMs = Math.max(session.deadlineMs, nowMs + session.ttlMs / 2) as ClusterMs;',
  },
  {
    name: 'base of the primary alone',
    error: 'witnesses let go of what the primary has, whatever a silent active lacks (E46)',
    file: `${CORE}/witness/base.ts`,
    text: 'held = Math.min(held, primary.acknowledgements.heldBy(active));',
    by: 'void [active, primary];',
  },
  {
    name: 'log ends at the damage',
    error: 'a log with a damaged entry is taken to end before it (E42)',
    file: `${CORE}/recovery/repair-log.ts`,
    text: 'joinReadable(state, beyond);',
    by: 'joinReadable(state, []);',
  },
  {
    name: 'view forgotten at restart',
    error: 'a replica that starts is in the view of its log, whatever it has promised since (E1)',
    file: `${CORE}/replica/on-start.ts`,
    text: 'state.viewNumber = promise.viewNumber;',
    by: `state.viewNumber =
      life.log.kind === 'intact' ? life.log.lastNormalView.viewNumber : promise.viewNumber;`,
  },
  {
    name: 'log cut by asking',
    error: 'who hears of a later view cuts its log to what is committed before it asks (E7)',
    file: `${CORE}/view-change/get-view.ts`,
    text: 'backup.askedViewAtMs = now.monotonicMs;',
    by: `backup.askedViewAtMs = now.monotonicMs;
  state.log.truncateAfter(Math.min(state.commitNumber, state.log.opNumber) as never);
  state.stores.storedNumber = Math.min(state.stores.storedNumber, state.log.opNumber) as never;
  state.stores.logVersion += 1;`,
  },
  {
    name: 'half of an even group',
    error: 'f + 1 are taken for a quorum, which in a group of four they are not (E27)',
    file: `${CORE}/state/configuration.ts`,
    text: 'return Math.floor(configuration.members.length / 2) + 1;',
    by: 'return Math.floor((configuration.members.length - 1) / 2) + 1;',
  },
  {
    name: 'a witness holds the state',
    error: 'old replicas go when a quorum of the new group has started, witnesses among them (E30)',
    file: `${CORE}/reconfiguration/started.ts`,
    text: 'const holding = known.filter((one) => one === true).length;',
    by: 'const holding = known.filter((one) => one !== undefined).length;',
  },
];

export function mutantNamed(name: string): Mutant {
  const mutant = MUTANTS.find((one) => one.name === name);
  if (mutant === undefined) throw new RangeError(`there is no mutant "${name}"`);
  return mutant;
}
