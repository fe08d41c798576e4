import { bytes, list, struct } from '../encoding/shape';
import { headerFields, type Header } from './header';
import { OPERATION_BYTES_MAX } from './request';

/** ⟨FORWARD v, i, requests⟩: a backup hands its clients' requests to the primary, many in one. (decision 13) */
export interface Forward extends Header {
  readonly kind: 'Forward';
  /** Encoded requests, named end to end: the door is no client and renames nothing. */
  readonly requests: readonly Uint8Array[];
}

export const forwardShape = struct({
  ...headerFields,
  requests: list(bytes(OPERATION_BYTES_MAX + 4096), 1 << 16),
});
