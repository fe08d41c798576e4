import type { FileChangeEvent } from '@lockstep/state-machines';
import type { JsonObject } from '../json';
import { bytesField } from '../path-bytes';

/** A change as watchers and dry runs are told of it. */
export const changeBody = (change: FileChangeEvent): JsonObject => ({
  change: change.change,
  ino: `${change.ino}`,
  type: change.type,
  ...bytesField('path', change.path),
  ...(change.named ? {} : { named: false }),
  ...bytesField('from', change.from),
  generation: `${change.contentGen}.${change.metaGen}`,
});
