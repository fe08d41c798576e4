import { clusterMs, type ApplyContext, type ByteString } from '@lockstep/vr-core';
import type { FileTables } from '../model/tables';
import type { Hook } from '../model/hook';
import type { Volume } from '../model/volume';
import { findVolume } from '../volumes/find-volume';
import { forgetSome } from './forget';
import { wakePurge } from './forgotten';
import { historyTimer, volumeOfTimer } from './timer-key';
import { releaseSome } from './release';
import { oldestMs, trimWindow } from './window';

/** Images looked at in one step; a Tick makes as many steps as it has time for. (decision 20) */
const IMAGES_PER_STEP = 128;
/** How many of them take about as long as one unit of a Tick. */
const IMAGES_PER_UNIT = 4;

/** What is too old to be read goes, also where nobody changes anything any more. */
export function trimHistory({ tables, context }: Hook, rest: ByteString): void {
  const of = volumeOfTimer(rest);
  const found = findVolume(tables, of.name);
  const volume = found?.id === of.id ? found : undefined;
  const steps =
    volume === undefined
      ? forgetSome(tables, of.id, IMAGES_PER_STEP)
      : trimSome(tables, volume, context);
  context.charge(Math.ceil(steps / IMAGES_PER_UNIT));
  wakePurge(tables, of.id, context);
  const next = steps >= IMAGES_PER_STEP ? context.clusterMs : dueMs(tables, volume);
  if (next !== undefined) context.timers.set(historyTimer(of), clusterMs(next));
}

function trimSome(tables: FileTables, volume: Volume, context: ApplyContext): number {
  const trimmed = trimWindow(tables, volume, context, IMAGES_PER_STEP);
  return trimmed + releaseSome(tables, volume.id, IMAGES_PER_STEP - trimmed);
}

/** When the oldest image of the window will be too old. */
function dueMs(tables: FileTables, volume: Volume | undefined): number | undefined {
  const oldest = volume && oldestMs(tables, volume.id);
  return oldest === undefined ? undefined : oldest + (volume as Volume).historyMs;
}
