import type { PrepareOk } from './prepare-ok';
import { prepareOkShape } from './prepare-ok';

/**
 * ⟨COMMITOK v, n, i⟩ answers a COMMIT. It says all that a PREPAREOK says, so an acknowledgement that was lost is
 * repeated with the next heartbeat. (decision 9)
 */
export interface CommitOk extends Omit<PrepareOk, 'kind'> {
  readonly kind: 'CommitOk';
}

export const commitOkShape = prepareOkShape;
