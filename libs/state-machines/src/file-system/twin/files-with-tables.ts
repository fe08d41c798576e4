import { createSolo, createStateStore, fnvHash } from '@lockstep/vr-core';
import { lockManager } from '../../lock-manager/plugin';
import { fileTables, type FileTables } from '../model/tables';
import { FILES_SERVICE, fileSystem } from '../plugin';
import { SoloFiles } from './solo-files';

/** A file system and what it keeps, to be looked at. */
export class FilesWithTables extends SoloFiles {
  readonly tables: FileTables;

  constructor() {
    const store = createStateStore(fnvHash);
    super(createSolo([lockManager(), fileSystem()], fnvHash, store));
    this.tables = fileTables(store.tablesOf(FILES_SERVICE));
  }
}
