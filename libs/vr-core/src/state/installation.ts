import type { ByteString } from '../encoding/byte-string';
import type { OpNumber, ReplicaNumber, ViewNumber } from '../numbers/numbers';
import type { StagedLog } from './staged-log';

/** A log on its way to become ours: nothing of our own log changes until it is whole. (E7, E14) */
export interface Installation {
  readonly reason: 'chosen' | 'start-view' | 'recovery' | 'repair' | 'epoch';
  /** Who offers it. */
  readonly source: ReplicaNumber;
  readonly viewNumber: ViewNumber;
  readonly opNumber: OpNumber;
  readonly headHash: ByteString;
  readonly commitNumber: OpNumber;
  /** What is here of it, from its head backward. */
  readonly staged: StagedLog;
  /** Of all its questions: an answer proves itself, so a late one is as good. */
  readonly ticket: number;
  /** Questions put to one source or another; how many of them in a row had to say that they lack it. */
  asked: number;
  refused: number;
  /** What `asked` stood at when the last piece came. */
  askedAtPiece: number;
  askedAtMs: number;
  /** Nothing up to here is wanted. */
  afterOp: OpNumber;
  /** Set when the log has been replaced: the view begins here when this store is durable. */
  storeNumber: number | undefined;
}
