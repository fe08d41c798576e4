import type { ByteString } from '../encoding/byte-string';
import { Writer } from '../encoding/writer';
import type { OpNumber } from '../numbers/numbers';
import type { HashFunction } from './log-entry';

/**
 * Exactly the state after op N: every service's tables, the client table, the clock and the configuration. It carries
 * no view, and never lowers one. (VRR §5.1; E24, E38)
 */
export interface Checkpoint {
  readonly opNumber: OpNumber;
  /** Of entry N: what follows in the log joins here. */
  readonly headHash: ByteString;
  /** Of the Merkle tree over all pages. */
  readonly stateRoot: ByteString;
  /** Over all of the above: equal ids at one op mean equal states. */
  readonly id: ByteString;
}

/** What replicas tell each other of a checkpoint, to compare. */
export type CheckpointName = Pick<Checkpoint, 'opNumber' | 'id'>;

export function makeCheckpoint(fields: Omit<Checkpoint, 'id'>, hash: HashFunction): Checkpoint {
  const writer = new Writer(128);
  writer.text('lockstep checkpoint');
  writer.varint(fields.opNumber);
  writer.byteString(fields.headHash);
  writer.byteString(fields.stateRoot);
  return { ...fields, id: hash(writer.finish()) };
}

/** True when the id is that of the content. A descriptor from outside is believed only then. */
export function isWholeCheckpoint(checkpoint: Checkpoint, hash: HashFunction): boolean {
  const { opNumber, headHash, stateRoot, id } = checkpoint;
  return makeCheckpoint({ opNumber, headHash, stateRoot }, hash).id === id;
}

export function nameOf(checkpoint: Checkpoint | undefined): CheckpointName | undefined {
  return checkpoint && { opNumber: checkpoint.opNumber, id: checkpoint.id };
}
