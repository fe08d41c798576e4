import type { Now } from '../boundary/input';
import type { Outbox } from '../boundary/outbox';
import type { ViewNumber } from '../numbers/numbers';
import { assert } from '../state/assert';
import { primaryOf } from '../state/configuration';
import type { ReplicaState } from '../state/replica-state';
import { store } from '../state/storing';
import { leaveView } from './leave-view';

/**
 * This replica leaves its view for good. The promise goes to the disk first: DOVIEWCHANGE, which others act upon,
 * follows from `stored`. The log does not change until the new view's log is installed. (VRR §4.2, step 1; E1)
 */
export function enterViewChange(
  state: ReplicaState,
  view: ViewNumber,
  reason: string,
  now: Now,
  out: Outbox,
): void {
  assert(view > state.viewNumber, 'views only grow', { from: state.viewNumber, to: view });
  const failed = state.status === 'view-change' ? state.viewChange.failed + 1 : 0;
  leaveView(state, now);
  state.status = 'view-change';
  state.viewNumber = view;
  state.viewChange.failed = failed;
  out.protocol(
    'view-change',
    `to view ${view} of replica ${primaryOf(state.epoch.configuration, view)}: ${reason}`,
  );
  store(state, { promise: true }, out);
}
