import type { ByteString } from '../encoding/byte-string';
import { toHex } from '../encoding/byte-string';
import {
  bytes,
  byteString,
  counter,
  decode,
  encode,
  integer,
  struct,
  text,
  union,
} from '../encoding/shape';
import type { RequestNumber } from '../numbers/numbers';
import type { SessionId } from '../service/state-machine';
import type { Shape } from '../encoding/shape';

/**
 * The name of a request, the same from the client to the log and back, so that a retry through any replica is
 * known as one. Either the session and its request-number (VRR §4.1), or, without a session, the principal and the
 * hash of its Idempotency-Key. (decision 1)
 */
export type RequestName =
  | {
      readonly kind: 'numbered';
      readonly session: SessionId;
      readonly requestNumber: RequestNumber;
    }
  | { readonly kind: 'keyed'; readonly keyHash: ByteString };

/**
 * ⟨REQUEST op, c, s⟩ in its envelope. Made by the replica the client talks to ("the door"), never changed after.
 * (VRR §4.1 step 1)
 */
export interface Request {
  readonly name: RequestName;
  /** Who asks; a keyed name is the principal's own. */
  readonly principal: string;
  readonly service: string;
  readonly operation: Uint8Array;
  /** Hash of service and operation: the same name with another hash is another request, and refused. */
  readonly requestHash: ByteString;
  /** The client has seen every answer below this number: their rows may go. 0 for keyed requests. */
  readonly ackedBelow: RequestNumber;
}

export const REQUEST_FORMAT_VERSION = 1;

/** An entry's, a forward's and a table's bound on one operation. */
export const OPERATION_BYTES_MAX = 1 << 20;
export const PRINCIPAL_BYTES_MAX = 256;

const sessionId = text(40) as unknown as Shape<SessionId>;

const nameShape = union({
  numbered: struct({ session: sessionId, requestNumber: counter<RequestNumber>() }),
  keyed: struct({ keyHash: byteString(64) }),
}) as Shape<RequestName>;

const requestShape = struct({
  formatVersion: integer(REQUEST_FORMAT_VERSION, REQUEST_FORMAT_VERSION),
  name: nameShape,
  principal: text(PRINCIPAL_BYTES_MAX),
  service: text(64),
  operation: bytes(OPERATION_BYTES_MAX),
  requestHash: byteString(64),
  ackedBelow: counter<RequestNumber>(),
});

export function encodeRequest(request: Request): Uint8Array {
  return encode(requestShape, { formatVersion: REQUEST_FORMAT_VERSION, ...request });
}

export function decodeRequest(data: Uint8Array): Request {
  const { formatVersion: _, ...request } = decode(requestShape, data);
  return request;
}

/** The name as one string: the key of every map from requests to something. */
export function nameKey(request: Pick<Request, 'name' | 'principal'>): string {
  return request.name.kind === 'numbered'
    ? `${request.name.session}#${request.name.requestNumber}`
    : `${request.principal}*${toHex(request.name.keyHash)}`;
}
