import { integer, optional, struct } from '../encoding/shape';
import type { Checkpoint } from '../state/checkpoint';
import { checkpointShape } from './checkpoint';
import { entriesShape, type Entries } from './entries';
import { headerFields, type Header } from './header';

/** ⟨LOG l⟩ answers GETLOG: entries in order that end with the one asked for, as many as fit. */
export interface LogSegment extends Header {
  readonly kind: 'LogSegment';
  readonly entries: Entries;
  /** The sender's checkpoint, when its log begins above what was asked for. */
  readonly checkpoint: Checkpoint | undefined;
  readonly ticket: number;
}

export const logSegmentShape = struct({
  ...headerFields,
  entries: entriesShape,
  checkpoint: optional(checkpointShape),
  ticket: integer(),
});
