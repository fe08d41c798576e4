import type { Execution } from '@lockstep/vr-core';
import type { Meters } from './meters';

/** Rows of tables say how much there is: the store knows how many it has, nothing is looked through. */
const TABLES = [
  ['lockstep_sessions', 'Sessions that live', 'sessions/terms'],
  [
    'lockstep_locks',
    'Locks that are held, waited for, delayed, or on the way to one that is',
    'locks/locks',
  ],
  ['lockstep_lock_holds', 'Grants that are held', 'locks/holds'],
  ['lockstep_lock_waiters', 'Requests in queues', 'locks/waiters'],
  ['lockstep_semaphores', 'Semaphores with a limit', 'locks/semaphores'],
  ['lockstep_barriers', 'Barriers in use', 'locks/barriers'],
  ['lockstep_latches', 'Latches in use', 'locks/latches'],
  [
    'lockstep_file_volumes',
    'Volumes, the first one not counted while nobody has changed it',
    'files/volumes',
  ],
  ['lockstep_file_inodes', 'Inodes of all volumes', 'files/inodes'],
  ['lockstep_file_entries', 'Names in directories', 'files/dentries'],
  ['lockstep_file_handles', 'Open files', 'files/handles'],
  ['lockstep_file_locks', 'Advisory locks of files', 'files/locks'],
  ['lockstep_file_history_rows', 'Before-images of files', 'files/history'],
] as const;

/** What the services hold. */
export function meterState(meters: Meters, execution: Execution): void {
  for (const [name, help, table] of TABLES)
    meters.gauge(name, help, () => (execution.isWhole ? execution.store.sizeOf(table) : undefined));
}
