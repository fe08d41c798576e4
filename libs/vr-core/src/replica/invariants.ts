import { compareViewstamps } from '../numbers/viewstamp';
import { assert } from '../state/assert';
import type { ReplicaState } from '../state/replica-state';

/** What is true of a replica after every step, whatever has happened to it. Cheap, and left on. (I1, I2, I4) */
export function checkInvariants(state: ReplicaState): void {
  const { log, execution, stores, lastNormalView } = state;
  assert(execution.executed <= state.commitNumber, 'only committed ops are executed', {
    executed: execution.executed,
    commitNumber: state.commitNumber,
  });
  assert(execution.executed <= log.opNumber, 'what is executed is in the log');
  assert(stores.storedNumber <= log.opNumber, 'what is stored is in the log', {
    storedNumber: stores.storedNumber,
    opNumber: log.opNumber,
  });
  assert(
    compareViewstamps(lastNormalView, state) <= 0 || state.status === 'recovering',
    'no log is of a later view than its replica',
  );
  if (state.status === 'normal') {
    assert(compareViewstamps(lastNormalView, state) === 0, 'a normal log is of its own view');
    assert(compareViewstamps(stores.promised, state) === 0, 'a normal view is on the disk');
    assert(state.beyond.length === 0, 'a normal log has no damaged entry');
  }
}
