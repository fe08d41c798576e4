import type { Outbox } from '../boundary/outbox';
import type { ReplicaState } from '../state/replica-state';
import { sendBlocks } from './on-get-blocks';

/** Pages that were asked of the disk, for another replica. The receiver checks them. */
export function onLoaded(
  state: ReplicaState,
  ticket: number,
  pages: readonly (Uint8Array | undefined)[],
  out: Outbox,
): void {
  const at = state.serving.findIndex((one) => one.ticket === ticket);
  const [service] = at < 0 ? [] : state.serving.splice(at, 1);
  if (service === undefined) return;
  service.missing.forEach((place, nth) => {
    service.blocks[place] = pages[nth];
  });
  sendBlocks(state, service, out);
}
