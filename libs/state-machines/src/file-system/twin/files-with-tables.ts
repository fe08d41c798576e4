import { createSolo, createStateStore, fnvHash } from '@lockstep/vr-core';
import { lockManager } from '../../lock-manager/plugin';
import { UNTOUCHED_MAIN, type Volume } from '../model/volume';
import { putVolume } from '../volumes/find-volume';
import { fileTables, type FileTables } from '../model/tables';
import { FILES_SERVICE, fileSystem } from '../plugin';
import { SoloFiles } from './solo-files';

/** A file system and what it keeps, to be looked at. */
export class FilesWithTables extends SoloFiles {
  readonly tables: FileTables;

  /** `settings`: of the main volume. */
  constructor(settings: Partial<Volume> = {}) {
    const store = createStateStore(fnvHash);
    super(createSolo([lockManager(), fileSystem()], fnvHash, store));
    this.tables = fileTables(store.tablesOf(FILES_SERVICE));
    putVolume(this.tables, { ...UNTOUCHED_MAIN, ...settings });
  }
}
