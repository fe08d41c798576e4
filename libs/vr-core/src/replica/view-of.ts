import type { Now } from '../boundary/input';
import { clockNow } from '../clock/cluster-clock';
import { nameOf } from '../state/checkpoint';
import { lagMs } from '../reads/answer-read';
import { leaseOf } from '../reads/lease';
import { progressOf } from '../reconfiguration/progress';
import {
  isNormalPrimary,
  isPrimary,
  primaryOfView,
  type ReplicaState,
} from '../state/replica-state';
import type { ReplicaView } from './replica-view';

/** A copy of what may be seen from outside. */
export function viewOf(state: ReplicaState, now: Now): ReplicaView {
  const { execution, primary, stores } = state;
  const serving =
    isNormalPrimary(state) && primary.inTouch && state.commitNumber >= primary.newViewOp;
  return {
    replicaNumber: state.self,
    incarnation: state.incarnation,
    status: state.status,
    epochNumber: state.epochNumber,
    viewNumber: state.viewNumber,
    lastNormalView: state.lastNormalView,
    primary: primaryOfView(state),
    serving,
    opNumber: state.log.opNumber,
    storedNumber: stores.storedNumber,
    commitNumber: state.commitNumber,
    executedNumber: execution.executed,
    clusterMs: isNormalPrimary(state) ? clockNow(state) : execution.clusterMs,
    lagMs: lagMs(state, now),
    lease: leaseOf(state, now),
    parked: state.door.requests.size + state.door.reads.size + state.door.keepAlives.size,
    queued: primary.queue.length,
    internalErrors: [...execution.internalErrors.values()].reduce((sum, count) => sum + count, 0),
    acknowledged: isPrimary(state) ? primary.acknowledgements.all() : [],
    epoch: state.epoch,
    reconfiguration: progressOf(state, now),
    baseNumber: state.log.base.opNumber,
    witnessBase: state.witness.base,
    enlisted: isNormalPrimary(state) && state.witness.enlistedAtOp !== undefined,
    checkpoint: nameOf(stores.checkpoint),
    stateWhole: state.stateWhole,
    transfer: state.transfer && {
      opNumber: state.transfer.target.opNumber,
      blocks: state.transfer.blocks,
      bytes: state.transfer.bytes,
    },
  };
}
