import { byteString, struct } from '../encoding/shape';
import type { ByteString } from '../encoding/byte-string';
import { headerFields, incarnationsShape, type Header, type Incarnations } from './header';

/** ⟨RECOVERY i, x⟩: "I have lost my log; tell me where the group is." (VRR §4.3, step 1) */
export interface Recovery extends Header {
  readonly kind: 'Recovery';
  /** x: random, new in each life. (E2) */
  readonly nonce: ByteString;
  readonly incarnations: Incarnations;
}

export const recoveryShape = struct({
  ...headerFields,
  nonce: byteString(64),
  incarnations: incarnationsShape,
});
