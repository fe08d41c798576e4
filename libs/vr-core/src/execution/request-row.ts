import type { ByteString } from '../encoding/byte-string';
import { Reader } from '../encoding/reader';
import { Writer } from '../encoding/writer';
import type { OpNumber } from '../numbers/numbers';
import type { Answer } from './answer';

/** What the log decided about a request, to be kept: an outcome, or that its plug-in threw. */
export type CommittedAnswer = Extract<Answer, { kind: 'outcome' }> | InternalError;
type InternalError = { readonly kind: 'problem'; readonly code: 'internal-error' };

const DONE = 0;
const REFUSED = 1;
const INTERNAL_ERROR = 2;

export function writeRequestRow(requestHash: ByteString, answer: CommittedAnswer): Uint8Array {
  if (answer.kind === 'problem') {
    const writer = new Writer(requestHash.length + 2);
    writer.byteString(requestHash);
    writer.u8(INTERNAL_ERROR);
    return writer.finish();
  }
  const writer = new Writer(requestHash.length + answer.bytes.length + 24);
  writer.byteString(requestHash);
  writer.u8(answer.refused ? REFUSED : DONE);
  writer.varint(answer.opNumber);
  writer.varint(answer.index);
  writer.raw(answer.bytes);
  return writer.finish();
}

/** The kept answer, told to be one; `request-reused` when the name now stands for something else. */
export function readRequestRow(row: Uint8Array, requestHash: ByteString): Answer {
  const reader = new Reader(row);
  if (reader.byteString() !== requestHash) return { kind: 'problem', code: 'request-reused' };
  const what = reader.u8();
  if (what === INTERNAL_ERROR) return { kind: 'problem', code: 'internal-error' };
  const opNumber = reader.varint() as OpNumber;
  const index = reader.varint();
  const bytes = reader.raw(reader.remaining);
  return { kind: 'outcome', refused: what === REFUSED, bytes, opNumber, index, replayed: true };
}
