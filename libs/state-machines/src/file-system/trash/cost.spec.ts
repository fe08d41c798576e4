import {
  createSolo,
  type Ordered,
  type Plugin,
  type Records,
  type Tables,
} from '@lockstep/vr-core';
import { lockManager } from '../../lock-manager/plugin';
import { fileSystem } from '../plugin';
import { at, bytesOf, SoloFiles, type SoloProcess } from '../twin/solo-files';
import type { FileOperation } from '../wire/operations';

/** How often the file system has asked its tables for something. */
class Meter {
  count = 0;

  plugin(): Plugin {
    const plugin = fileSystem();
    return { ...plugin, create: (tables) => plugin.create(this.metered(tables)) };
  }

  private metered(tables: Tables): Tables {
    return {
      records: (name, bytes) => this.counting<Records>(tables.records(name, bytes)),
      ordered: (name) => this.counting<Ordered>(tables.ordered(name)),
    };
  }

  private counting<T extends object>(table: T): T {
    return new Proxy(table, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        this.count += 1;
        return member.bind(target) as unknown;
      },
    });
  }
}

/** What each operation costs on a tree of so many files, in requests to tables. */
function costsOf(entries: number): Readonly<Record<string, number>> {
  const meter = new Meter();
  const root = new SoloFiles(createSolo([lockManager(), meter.plugin()])).process();
  root.mkdir('/d');
  root.mkdir('/e');
  root.call({ kind: 'setquota', object: at('/e'), inodes: 100_000, bytes: 100_000 });
  makeTree(root, '/d/tree', entries);
  const costs: Record<string, number> = {};
  for (const [name, op] of Object.entries(OPERATIONS)) {
    const before = meter.count;
    expect([name, root.call(op)]).toEqual([name, 'ok']);
    costs[name] = meter.count - before;
  }
  return costs;
}

const OPERATIONS: Readonly<Record<string, FileOperation>> = {
  'rename to another quota root': rename('/d/tree', '/e/tree'),
  exchange: { ...rename('/e', '/d'), exchange: true },
  summary: { kind: 'summary', object: at('/d') },
  'quota on a live tree': { kind: 'setquota', object: at('/d'), inodes: 1, bytes: 1 },
  'quota usage': { kind: 'getquota', object: at('/d') },
  'to the trash': { kind: 'remove', path: bytesOf('/d/tree'), recursive: true, trash: true },
  restore: { kind: 'restore', id: '0-1', to: bytesOf('/e/tree') },
  'recursive remove': { kind: 'remove', path: bytesOf('/e/tree'), recursive: true, trash: false },
};

function rename(from: string, to: string): Extract<FileOperation, { kind: 'rename' }> {
  const flags = { noreplace: false, exchange: false, whiteout: false };
  return { kind: 'rename', from: bytesOf(from), to: bytesOf(to), ...flags };
}

function makeTree(root: SoloProcess, path: string, entries: number): void {
  root.mkdir(path);
  root.mkdir(`${path}/deep`);
  for (let n = 0; n < entries; n += 1) root.create(`${path}/${n % 2 === 0 ? '' : 'deep/'}${n}`);
}

describe('a tree', () => {
  // apache/hadoop#2964: 40 s under the lock for a rename; #3065: deletes that take as long as the tree is large.
  it('is renamed, exchanged, summed up, limited, removed and restored at one cost, however much is in it', () => {
    expect(costsOf(2_000)).toEqual(costsOf(2));
  });
});
