import { byteString, integer, list, optional, struct, text } from '../encoding/shape';
import type { ByteString } from '../encoding/byte-string';
import { headerFields, type Header } from './header';

/** Place of a block in a checkpoint's Merkle tree: a page (level 0), the hashes below an inner node, or the directory. */
export interface BlockAddress {
  /** `owner/name`; undefined: the directory of tables, the root. */
  readonly table: string | undefined;
  readonly level: number;
  readonly index: number;
}

/** At most so many blocks are asked for at once. */
export const BLOCKS_PER_MESSAGE = 64;

/** ⟨GETBLOCKS id⟩: "Send me these blocks of that checkpoint." Each is proved by its hash, so anyone may. (VRR §5.2) */
export interface GetBlocks extends Header {
  readonly kind: 'GetBlocks';
  readonly checkpointId: ByteString;
  readonly blocks: readonly BlockAddress[];
  readonly ticket: number;
}

export const blockAddressShape = struct({
  table: optional(text(256)),
  level: integer(),
  index: integer(),
});

export const getBlocksShape = struct({
  ...headerFields,
  checkpointId: byteString(64),
  blocks: list(blockAddressShape, BLOCKS_PER_MESSAGE),
  ticket: integer(),
});
