import type {
  Epoch,
  EpochNumber,
  OpNumber,
  Promised,
  Store,
  StoredLog,
  ViewNumber,
} from '@lockstep/vr-core';
import { LogImage } from '../simulation/log-image';
import { PageImage } from '../simulation/page-image';

export interface Disk {
  promise: Promised;
  incarnation: number;
  log: LogImage;
  pages: PageImage;
  stored: Pick<Store, 'lastNormalView' | 'commitNumber' | 'witnessBase'> | undefined;
  lost: boolean;
  stores: number;
  /** Stores that the story has not let through. */
  held: Store[] | undefined;
}

/** Of a node that knows the group, and nothing else. */
export function emptyDisk(epoch: Epoch): Disk {
  return {
    promise: {
      epochNumber: 0 as EpochNumber,
      viewNumber: 0 as ViewNumber,
      incarnations: [],
      epoch,
    },
    incarnation: 0,
    log: new LogImage(),
    pages: new PageImage(),
    stored: undefined,
    lost: false,
    stores: 0,
    held: undefined,
  };
}

/** What a process that starts finds of its log. */
export function logFoundOn({ lost, log, pages, stored }: Disk, stateWhole: boolean): StoredLog {
  if (lost) return { kind: 'lost' };
  const readable = log.readable();
  const intact = readable.filter((entry, at) => entry.opNumber === log.base.opNumber + at + 1);
  const firstView = { epochNumber: 0 as EpochNumber, viewNumber: 0 as ViewNumber };
  return {
    kind: 'intact',
    lastNormalView: stored?.lastNormalView ?? firstView,
    commitNumber: stored?.commitNumber ?? (0 as OpNumber),
    base: log.base,
    witnessBase: stored?.witnessBase ?? (0 as OpNumber),
    entries: intact,
    beyond: readable.slice(intact.length),
    checkpoint: pages.checkpoint,
    stateWhole,
  };
}
