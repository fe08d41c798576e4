import { codeOf } from '../fault';

/** SQLite has looked at the structure of the file, and found it wrong. */
export class StructuralDamage extends Error {
  override readonly name = 'StructuralDamage';
}

/** What SQLite says of a file that it cannot make sense of; without its schema no table is known. */
const MALFORMED = new Set(['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_ERROR']);

export const isMalformed = (fault: unknown): boolean =>
  fault instanceof StructuralDamage || MALFORMED.has(codeOf(fault) ?? '');

/** Reading has failed, of a file that is not what it was or from a place that the disk no longer gives back. */
export const isUnreadable = (fault: unknown): boolean =>
  isMalformed(fault) || codeOf(fault) === 'SQLITE_IOERR';
