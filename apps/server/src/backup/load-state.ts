import {
  createExecution,
  DEFAULT_LIMITS,
  Malformed,
  type Checkpoint,
  type Epoch,
  type Execution,
  type LogPlace,
  type OpNumber,
} from '@lockstep/vr-core';
import { sha256 } from '../replica-host/hash';
import { formatsOf, lockstepServices } from '../services';
import type { BackupHeader } from './backup-header';
import { DamagedBackup } from './damaged-backup';
import { readBackup } from './read-backup';

/** A state in memory, and what it is. */
export interface LoadedState {
  readonly execution: Execution;
  /** The state is the one after this entry. */
  readonly place: LogPlace;
  /** Of the newest part. */
  readonly header: BackupHeader;
  /** The ops that were to be had from the file. */
  readonly from: OpNumber;
  readonly through: OpNumber;
  /** The newest epoch that the group is known to have had. */
  readonly epoch: Epoch;
}

/** The op that was asked for is not one that the backup has. */
export class NoSuchOp extends Error {
  override readonly name = 'NoSuchOp';
}

/** An execution as every replica has it: what it counts is part of the state. */
export const emptyExecution = (): Execution =>
  createExecution({
    plugins: lockstepServices(),
    hash: sha256,
    cadence: { ops: DEFAULT_LIMITS.checkpointOps, bytes: DEFAULT_LIMITS.checkpointBytes },
  });

/**
 * The state of a backup at an op, or at its end: the whole file is read and believed only when all of it is right. Throws
 * `DamagedBackup` and `NoSuchOp`.
 */
export async function loadState(
  chunks: AsyncIterable<Uint8Array>,
  atOp?: number,
): Promise<LoadedState> {
  const execution = emptyExecution();
  let header: BackupHeader | undefined;
  let first: BackupHeader | undefined;
  let place: LogPlace | undefined;
  for await (const item of readBackup(chunks)) {
    switch (item.kind) {
      case 'header':
        header = item.header;
        first ??= begin(execution, header);
        place ??= header.after;
        break;
      case 'pages':
        for (const { table, page, bytes } of item.pages)
          inState(() => execution.store.loadPage(table, page, bytes));
        break;
      case 'entries':
        finishPages(execution, first?.checkpoint);
        for (const entry of item.entries) {
          if (entry.opNumber > (atOp ?? entry.opNumber)) break;
          execution.execute(entry);
          place = entry;
        }
        break;
      case 'end':
        finishPages(execution, first?.checkpoint);
    }
  }
  if (header === undefined || first === undefined || place === undefined)
    throw new DamagedBackup('there is nothing in it');
  const [from, through] = [first.after.opNumber, header.through.opNumber];
  if (atOp !== undefined && place.opNumber !== atOp)
    throw new NoSuchOp(
      `op ${atOp} is not in it: it has the states from op ${from} to op ${through}`,
    );
  const { opNumber, hash } = place;
  return { execution, place: { opNumber, hash }, header, from, through, epoch: header.epoch };
}

function begin(execution: Execution, header: BackupHeader): BackupHeader {
  const here = formatsOf(lockstepServices()).join(' ');
  const there = header.services.join(' ');
  if (here !== there)
    throw new DamagedBackup(
      `it was written by version ${header.version} with the services ${there}; here they are ${here}`,
    );
  if (header.checkpoint !== undefined) execution.suspend();
  return header;
}

/** Once: the pages are the checkpoint's, to the bit. */
function finishPages(execution: Execution, checkpoint: Checkpoint | undefined): void {
  if (execution.isWhole || checkpoint === undefined) return;
  const root = inState(() => execution.store.rebuild());
  if (root !== checkpoint.stateRoot)
    throw new DamagedBackup(`its pages are not the state of op ${checkpoint.opNumber}`);
  execution.reload();
  if (execution.executed !== checkpoint.opNumber)
    throw new DamagedBackup(`its pages are the state of op ${execution.executed}`);
}

function inState<T>(work: () => T): T {
  try {
    return work();
  } catch (fault) {
    if (!(fault instanceof Malformed)) throw fault;
    throw new DamagedBackup(`its pages are no state: ${fault.message}`);
  }
}
