import type {
  EpochNumber,
  OpNumber,
  Promised,
  Store,
  StoredLog,
  ViewNumber,
} from '@lockstep/vr-core';
import type { LogImage } from '../simulation/log-image';

export interface Disk {
  promise: Promised;
  incarnation: number;
  log: LogImage;
  stored: Pick<Store, 'lastNormalView' | 'commitNumber' | 'witnessBase'> | undefined;
  lost: boolean;
  stores: number;
  /** Stores that the story has not let through. */
  held: Store[] | undefined;
}

/** What a process that starts finds of its log. */
export function logFoundOn({ lost, log, stored }: Disk): StoredLog {
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
    checkpoint: undefined,
    stateWhole: true,
  };
}
