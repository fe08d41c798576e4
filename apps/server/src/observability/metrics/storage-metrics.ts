import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { StorageFigures } from '../../storage/replica-storage';
import { DATABASE, type StorageSync } from '../../storage/storage-options';
import type { Meters } from './meters';
import type { Sample } from './sample';
import { BYTES, COUNTS, SECONDS, type Tally } from './tally';

const COUNTED = [
  ['flushes', 'Rows of the log written: each is one sync'],
  ['entries', 'Entries of the log written'],
  ['bytes', 'Bytes of entries written'],
  ['promises', 'Promises written: each is one sync'],
  ['pages', 'Pages of checkpoints written'],
] as const;

const FILES = [
  ['database', DATABASE],
  ['write-ahead-log', `${DATABASE}-wal`],
] as const;

/** How long writes take until they are synced, and how much goes into one. */
export class SyncMetrics {
  private readonly seconds: Readonly<Record<StorageSync['what'], Tally>>;
  private readonly entries: Tally;
  private readonly bytes: Tally;

  constructor(meters: Meters) {
    const seconds = meters.histograms(
      'lockstep_storage_sync_seconds',
      'One write until it is synced: of the log (with pages of checkpoints), or of the promise',
      ['what'],
      SECONDS,
    );
    this.seconds = { log: seconds.add({ what: 'log' }), promise: seconds.add({ what: 'promise' }) };
    this.entries = meters.histogram(
      'lockstep_storage_flush_entries',
      'Entries of the log that share a sync',
      COUNTS,
    );
    this.bytes = meters.histogram(
      'lockstep_storage_flush_bytes',
      'Bytes of entries and pages that share a sync',
      BYTES,
    );
  }

  readonly add = ({ what, seconds, entries, bytes }: StorageSync): void => {
    this.seconds[what].observe(seconds);
    if (entries > 0) this.entries.observe(entries);
    if (bytes > 0) this.bytes.observe(bytes);
  };
}

export function meterStorage(meters: Meters, folder: string, figures: () => StorageFigures): void {
  for (const [name, help] of COUNTED)
    meters.counter(`lockstep_storage_${name}_total`, help, () => figures()[name]);
  meters.counter('lockstep_storage_page_bytes_total', 'Bytes of pages written', () => {
    return figures().pageBytes;
  });
  meters.gauge(
    'lockstep_storage_waiting',
    'Stores that wait until they are durable',
    () => figures().waiting,
  );
  meters.gauges('lockstep_storage_file_bytes', 'Files of the replica', ['file'], () =>
    Promise.all(
      FILES.map(async ([file, name]): Promise<Sample> => [
        { file },
        await sizeOf(join(folder, name)),
      ]),
    ),
  );
  meters.gauges(
    'lockstep_disk_bytes',
    'The file system of the data folder: its size, and what is free for this user',
    ['what'],
    () => diskOf(folder),
  );
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined;
  }
}

async function diskOf(folder: string): Promise<Sample[]> {
  try {
    const { bsize, blocks, bavail } = await statfs(folder);
    return [
      [{ what: 'size' }, bsize * blocks],
      [{ what: 'free' }, bsize * bavail],
    ];
  } catch {
    return [];
  }
}
