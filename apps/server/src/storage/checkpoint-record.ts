import {
  checkpointShape,
  decode,
  encode,
  integer,
  Malformed,
  struct,
  type ShapeOf,
} from '@lockstep/vr-core';
import type { DatabaseFile, Step } from './database-file';
import { seal, unseal } from './sealed';

const FORMAT_VERSION = 1;
const BYTES = 512;

const recordShape = struct({
  formatVersion: integer(FORMAT_VERSION, FORMAT_VERSION),
  checkpoint: checkpointShape,
  /** Rows of pages up to this one are part of it; what is newer belongs to a checkpoint to be. */
  throughRow: integer(),
  /** How many pages it has. */
  pageCount: integer(),
  /** Sum of the checksums of their rows: tells a missing row, and an old one in the place of a new one. */
  checksumSum: integer(),
});

/** The checkpoint in force, and what its pages must be. */
export type CheckpointRecord = Omit<ShapeOf<typeof recordShape>, 'formatVersion'>;

export function putCheckpoint(record: CheckpointRecord): Step {
  return { sql: 'INSERT OR REPLACE INTO checkpoint VALUES (1, ?)', values: [encodeRecord(record)] };
}

function encodeRecord(record: CheckpointRecord): Buffer {
  return seal(encode(recordShape, { formatVersion: FORMAT_VERSION, ...record }), BYTES);
}

/** Whether the table says this. */
export async function saysCheckpoint(
  file: DatabaseFile,
  record: CheckpointRecord,
): Promise<boolean> {
  const [row] = await file.query('SELECT record FROM checkpoint', []);
  const bytes = row?.['record'];
  return Buffer.isBuffer(bytes) && encodeRecord(record).equals(bytes);
}

/** Undefined when there is none. */
export async function readCheckpoint(
  file: DatabaseFile,
): Promise<CheckpointRecord | 'damaged' | undefined> {
  const [row] = await file.query('SELECT record FROM checkpoint', []);
  if (row === undefined) return undefined;
  const bytes = row['record'];
  const body = Buffer.isBuffer(bytes) ? unseal(bytes) : undefined;
  if (body === undefined) return 'damaged';
  try {
    const { formatVersion: _, ...record } = decode(recordShape, body);
    return record;
  } catch (fault) {
    if (!(fault instanceof Malformed)) throw fault;
    return 'damaged';
  }
}
