import type { ByteString } from '../encoding/byte-string';
import { toHex } from '../encoding/byte-string';
import { Malformed } from '../encoding/malformed';
import { Reader } from '../encoding/reader';
import { isWellFormed, utf8Encode } from '../encoding/utf8';
import { Writer } from '../encoding/writer';
import type { RequestNumber } from '../numbers/numbers';
import type { SessionId } from '../service/state-machine';

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

const SESSION_BYTES_MAX = 40;
const SERVICE_BYTES_MAX = 64;
const HASH_BYTES_MAX = 64;

const NUMBERED = 0;
const KEYED = 1;

/** A request with its bytes: they are made once, at the door, and travel unchanged into the log. */
export interface SealedRequest {
  readonly request: Request;
  readonly encoded: Uint8Array;
  /** As `nameKey` spells it. */
  readonly name: string;
}

/** Throws `Malformed` when the envelope is out of bounds. */
export function sealRequest(request: Request, name = nameKey(request)): SealedRequest {
  return { request, encoded: encodeRequest(request), name };
}

export function unsealRequest(encoded: Uint8Array): SealedRequest {
  const request = decodeRequest(encoded);
  return { request, encoded, name: nameKey(request) };
}

// Written out by hand, unlike other shapes: every request passes here four times on its way through a group.

function encodeRequest(request: Request): Uint8Array {
  const { name, operation } = request;
  const writer = new Writer();
  writer.u8(REQUEST_FORMAT_VERSION);
  if (name.kind === 'numbered') {
    writer.u8(NUMBERED);
    writeText(writer, 'session', name.session, SESSION_BYTES_MAX);
    writeCounter(writer, 'requestNumber', name.requestNumber);
  } else {
    writer.u8(KEYED);
    writeBytes(writer, 'keyHash', name.keyHash, HASH_BYTES_MAX);
  }
  writeText(writer, 'principal', request.principal, PRINCIPAL_BYTES_MAX);
  writeText(writer, 'service', request.service, SERVICE_BYTES_MAX);
  bounded('operation', operation.length, OPERATION_BYTES_MAX);
  writer.bytes(operation);
  writeBytes(writer, 'requestHash', request.requestHash, HASH_BYTES_MAX);
  writeCounter(writer, 'ackedBelow', request.ackedBelow);
  return writer.finish();
}

/** Throws `Malformed`; `operation` shares the buffer that is read. */
export function decodeRequest(encoded: Uint8Array): Request {
  return readRequest(new Reader(encoded), encoded.length);
}

/** Throws `Malformed` when the next `length` bytes are not one request. */
export function readRequest(reader: Reader, length: number): Request {
  const end = reader.position + length;
  const version = reader.u8();
  if (version !== REQUEST_FORMAT_VERSION) {
    throw new Malformed('request', `format ${version} is unknown`);
  }
  const request: Request = {
    name: readName(reader),
    principal: readText(reader, 'principal', PRINCIPAL_BYTES_MAX),
    service: readText(reader, 'service', SERVICE_BYTES_MAX),
    operation: reader.bytes(),
    requestHash: reader.byteString(),
    ackedBelow: reader.varint() as RequestNumber,
  };
  if (reader.position !== end) throw new Malformed('request', 'is not as long as it says');
  bounded('operation', request.operation.length, OPERATION_BYTES_MAX);
  bounded('requestHash', request.requestHash.length, HASH_BYTES_MAX);
  return request;
}

function readName(reader: Reader): RequestName {
  const kind = reader.u8();
  if (kind === NUMBERED) {
    const session = readText(reader, 'session', SESSION_BYTES_MAX) as SessionId;
    return { kind: 'numbered', session, requestNumber: reader.varint() as RequestNumber };
  }
  if (kind !== KEYED) throw new Malformed('name', 'neither numbered nor keyed');
  const keyHash = reader.byteString();
  bounded('keyHash', keyHash.length, HASH_BYTES_MAX);
  return { kind: 'keyed', keyHash };
}

function readText(reader: Reader, field: string, maxBytes: number): string {
  const before = reader.position;
  const text = reader.repeatedText();
  if (reader.position - before > maxBytes) bounded(field, utf8Encode(text).length, maxBytes);
  return text;
}

function writeText(writer: Writer, field: string, value: string, maxBytes: number): void {
  const encoded = utf8Encode(value);
  // Text that encodes to itself is ASCII, and well-formed.
  if (encoded !== value && !isWellFormed(value))
    throw new Malformed(field, 'must be valid Unicode text');
  writeBytes(writer, field, encoded, maxBytes);
}

function writeBytes(writer: Writer, field: string, value: ByteString, maxBytes: number): void {
  bounded(field, value.length, maxBytes);
  writer.byteString(value);
}

function writeCounter(writer: Writer, field: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new Malformed(field, 'must be an integer from 0 to 2^53 - 1');
  }
  writer.varint(value);
}

function bounded(field: string, length: number, maxBytes: number): void {
  if (length > maxBytes) {
    throw new Malformed(field, `must have at most ${maxBytes} bytes, has ${length}`);
  }
}

/** The name as one string: the key of every map from requests to something. */
export function nameKey(request: Pick<Request, 'name' | 'principal'>): string {
  return request.name.kind === 'numbered'
    ? `${request.name.session}#${request.name.requestNumber}`
    : `${request.principal}*${toHex(request.name.keyHash)}`;
}
