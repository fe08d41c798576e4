import { opNumber, type OpNumber } from '../numbers/numbers';

/** What a replica of a group with witnesses keeps beside the paper's state. (VRR §6.1; ADR 12) */
export interface WitnessState {
  /**
   * The highest op known to be committed and on the disk of every configured active: no witness needs it. It stays true
   * in every later view, so it only grows. (decision 18; E46)
   */
  base: OpNumber;
  /** At the primary: its head when it enlisted the witnesses; undefined while they are left alone. */
  enlistedAtOp: OpNumber | undefined;
  /** At the primary: when the witnesses were last sent a COMMIT. */
  beatAtMs: number;
  /** At the primary: the commit-number and base of the last tick, and since when nothing has been missing. */
  seenCommit: OpNumber;
  progressAtMs: number;
  /** At the primary, while witnesses are enlisted: bytes of the entries after `countedBase` and up to `countedOp`. */
  countedBase: OpNumber;
  countedOp: OpNumber;
  countedBytes: number;
  /** At the primary: the witnesses hold all they can, and nothing new is taken. */
  full: boolean;
  /** At a witness: how many have failed to give it entries; the next of the group is asked. */
  refused: number;
  /** At a witness that was active before its epoch: it holds its state for those that lack it. (E30; ADR 11) */
  keepsState: boolean;
  /** At an active that was a witness: it must be given a state before it takes part. */
  lacksState: boolean;
  /** At a witness: bytes of entries let go since the disk was last told. */
  droppedBytes: number;
}

export function initialWitnessState(): WitnessState {
  return {
    base: opNumber(0),
    enlistedAtOp: undefined,
    beatAtMs: 0,
    seenCommit: opNumber(0),
    progressAtMs: 0,
    countedBase: opNumber(0),
    countedOp: opNumber(0),
    countedBytes: 0,
    full: false,
    refused: 0,
    keepsState: false,
    lacksState: false,
    droppedBytes: 0,
  };
}
