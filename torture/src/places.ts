import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Of the repository; this file is as deep in `src` as in `dist`. */
export const ROOT = resolve(__dirname, '../..');

const SERVER = join(ROOT, 'apps/server/dist');

/** One replica. */
export const REPLICA_PROGRAM = join(SERVER, 'main.js');
/** `npm run join`, `reconfigure`, `leave`. */
export const MEMBERSHIP_PROGRAM = join(SERVER, 'membership/main.js');
/** Makes the folders of a new group, and starts nothing. */
export const NEW_GROUP_PROGRAM = join(ROOT, 'torture/new-group.mjs');
/** Of the library that makes disks fail. */
export const DISK_SOURCES = join(ROOT, 'test/power/disk');

/** Where runs append what came of them, unless told otherwise: outside every repository. */
export const DEFAULT_RESULTS = join(homedir(), '.lockstep-torture', 'results.jsonl');
