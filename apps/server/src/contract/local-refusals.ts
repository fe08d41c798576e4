import { OPERATION_BYTES_MAX, type ReadResult } from '@lockstep/vr-core';
import { Problem } from './problem';

/** Why one replica, now, gives no answer. */
export type LocalCode = Extract<ReadResult, { kind: 'problem' }>['code'];

/** Clients are told when to come again where it makes sense. */
export const RETRY_AFTER_MS: Readonly<Partial<Record<LocalCode, number>>> = {
  'no-primary': 1_000,
  busy: 100,
  'too-stale': 1_000,
  'no-lease': 100,
  'active-missing': 5_000,
};

/** Throws `Problem` for an operation that is longer than one may be in the log. */
export function checkSize(bytes: Uint8Array): void {
  if (bytes.length > OPERATION_BYTES_MAX)
    throw new Problem(
      'body-too-large',
      `The operation has ${bytes.length} bytes encoded; ${OPERATION_BYTES_MAX} are allowed.`,
    );
}
