import { bytes, integer, list, optional, struct } from '../encoding/shape';
import type { Checkpoint } from '../state/checkpoint';
import { checkpointShape } from './checkpoint';
import { BLOCKS_PER_MESSAGE } from './get-blocks';
import { headerFields, type Header } from './header';

const BLOCK_BYTES_MAX = 4 << 20;

/** ⟨BLOCKS⟩ answers GETBLOCKS, in the order of the question; undefined where the sender has none. */
export interface Blocks extends Header {
  readonly kind: 'Blocks';
  readonly blocks: readonly (Uint8Array | undefined)[];
  /** The sender's newest checkpoint, when it no longer has the one asked for: begin again with this. */
  readonly gone: Checkpoint | undefined;
  readonly ticket: number;
}

export const blocksShape = struct({
  ...headerFields,
  blocks: list(optional(bytes(BLOCK_BYTES_MAX)), BLOCKS_PER_MESSAGE),
  gone: optional(checkpointShape),
  ticket: integer(),
});
