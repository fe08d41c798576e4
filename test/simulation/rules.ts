import type { Limits } from '@lockstep/vr-core';
import { CommittedLog } from './checks/committed-log';
import { CounterModel } from './checks/counter-model';
import { EpochRules } from './checks/epoch-rules';
import { LeaseRules } from './checks/lease-rules';
import { LockRules } from './checks/lock-rules';
import { MessageRules } from './checks/message-rules';
import { ReferenceExecution } from './checks/reference-execution';
import { ReplicaRules } from './checks/replica-rules';
import { SessionRules } from './checks/session-rules';
import { WitnessRules } from './checks/witness-rules';
import type { SimulatedGroup } from './simulated-group';

/** Every rule that is checked after every step, over one group. */
export class Rules {
  readonly committed: CommittedLog;
  readonly reference: ReferenceExecution;
  readonly sessions = new SessionRules();
  readonly locks = new LockRules(this.sessions);
  readonly counters = new CounterModel();

  constructor(group: SimulatedGroup, limits: Limits, leasesHold = true) {
    const { checkpointOps, checkpointBytes } = limits;
    this.reference = new ReferenceExecution({ ops: checkpointOps, bytes: checkpointBytes });
    const { reference, sessions, locks, counters } = this;
    const committed = new CommittedLog(group.hosts, group.epoch.configuration);
    this.committed = committed;
    committed.onCommit((entry) => reference.committed(entry));
    reference.onExecuted((op) => {
      sessions.executed(op);
      locks.executed(op);
      counters.executed(op);
    });
    const { observers } = group;
    observers.add(new ReplicaRules(committed, limits));
    observers.add(new MessageRules(committed));
    observers.add(committed);
    observers.add(new WitnessRules(group.hosts));
    observers.add(new EpochRules());
    if (leasesHold) observers.add(new LeaseRules(group.hosts));
    observers.add(reference);
  }
}
