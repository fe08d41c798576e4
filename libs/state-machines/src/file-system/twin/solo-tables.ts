import {
  createSolo,
  type Ordered,
  type Plugin,
  type Records,
  type Tables,
} from '@lockstep/vr-core';
import { lockManager } from '../../lock-manager/plugin';
import { fileTables, type FileTables } from '../model/tables';
import { fileSystem } from '../plugin';
import { SoloFiles } from './solo-files';

/** The file system, and what is in its tables. */
export function filesWithTables(): { readonly files: SoloFiles; readonly tables: FileTables } {
  const plugin = fileSystem();
  let tables: FileTables | undefined;
  const shown: Plugin = {
    ...plugin,
    create(given) {
      const shared = sharedTables(given);
      tables = fileTables(shared);
      return plugin.create(shared);
    },
  };
  const files = new SoloFiles(createSolo([lockManager(), shown]));
  if (tables === undefined) throw new Error('a plug-in asks for its tables when it is created');
  return { files, tables };
}

/** A table may be asked for once: who asks again is given the same. */
function sharedTables(given: Tables): Tables {
  const records = new Map<string, Records>();
  const ordered = new Map<string, Ordered>();
  return {
    records(name, bytes) {
      const table = records.get(name) ?? given.records(name, bytes);
      records.set(name, table);
      return table;
    },
    ordered(name) {
      const table = ordered.get(name) ?? given.ordered(name);
      ordered.set(name, table);
      return table;
    },
  };
}
