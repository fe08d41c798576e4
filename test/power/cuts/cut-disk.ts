import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DiskEvent } from './disk-record';

/** A change that no sync has made durable yet. */
export type Unsynced =
  | { readonly kind: 'write'; readonly file: CutFile; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'size'; readonly file: CutFile; readonly size: number }
  | { readonly kind: 'name'; readonly path: string; readonly file: CutFile }
  | { readonly kind: 'no-name'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string };

/** A file by its inode: names come and go. */
export class CutFile {
  durable: Buffer = Buffer.alloc(0);
}

/**
 * What is on a disk for sure, and what may be or may not be when the power goes now. A sync of a file makes its content
 * durable and nothing else; names become durable with their folder (fsync(2), NOTES): less than any real file system
 * gives, so what survives here survives there. (Pillai et al., OSDI 2014)
 */
export class CutDisk {
  readonly unsynced: Unsynced[] = [];
  private readonly names = new Map<string, CutFile>();
  private readonly namesNow = new Map<string, CutFile>();
  private readonly inodes = new Map<string, CutFile>();

  /** A file that was there before everything. */
  place(path: string, content: Buffer): void {
    const file = new CutFile();
    file.durable = content;
    this.names.set(path, file);
    this.namesNow.set(path, file);
  }

  take(event: DiskEvent): void {
    switch (event.kind) {
      case 'open':
        this.open(event);
        break;
      case 'write':
        this.unsynced.push({ ...event, file: this.fileOf(event.inode) });
        break;
      case 'truncate':
        this.unsynced.push({ kind: 'size', file: this.fileOf(event.inode), size: event.size });
        break;
      case 'sync':
        this.sync(event);
        break;
      case 'lose':
        this.lose(this.fileOf(event.inode));
        break;
      case 'rename':
        this.rename(event.path, event.to);
        break;
      case 'unlink':
        this.namesNow.delete(event.path);
        this.unsynced.push({ kind: 'no-name', path: event.path });
        break;
      case 'note':
        break;
    }
  }

  /** The files of a disk on which, beside what is durable, these changes have arrived. */
  filesWith(arrived: readonly Unsynced[]): Map<string, Buffer> {
    const names = new Map(this.names);
    const contents = new Map<CutFile, Buffer>();
    for (const change of arrived) applyName(names, change);
    const wanted = new Set(names.values());
    for (const change of arrived) {
      if ((change.kind !== 'write' && change.kind !== 'size') || !wanted.has(change.file)) continue;
      const { file } = change;
      // Once copied, a write within the file changes the copy in place.
      const before = contents.get(file) ?? Buffer.from(file.durable);
      contents.set(file, applied(before, change));
    }
    return new Map([...names].map(([path, file]) => [path, contents.get(file) ?? file.durable]));
  }

  private open({ inode, path, created, truncated }: Extract<DiskEvent, { kind: 'open' }>): void {
    let file = created ? new CutFile() : this.namesNow.get(path);
    // A folder is opened to be synced.
    file ??= new CutFile();
    this.inodes.set(inode, file);
    if (created) {
      this.namesNow.set(path, file);
      this.unsynced.push({ kind: 'name', path, file });
    }
    if (truncated) this.unsynced.push({ kind: 'size', file, size: 0 });
  }

  private rename(path: string, to: string): void {
    const file = this.namesNow.get(path);
    this.namesNow.delete(path);
    if (file !== undefined) this.namesNow.set(to, file);
    this.unsynced.push({ kind: 'rename', path, to });
  }

  private sync({ inode, path }: Extract<DiskEvent, { kind: 'sync' }>): void {
    const file = this.fileOf(inode);
    const isOf = (change: Unsynced): boolean =>
      change.kind === 'write' || change.kind === 'size'
        ? change.file === file
        : dirname(change.path) === path;
    const kept = this.unsynced.splice(0).filter((change) => {
      if (!isOf(change)) return true;
      if (change.kind === 'write' || change.kind === 'size')
        file.durable = applied(file.durable, change);
      else applyName(this.names, change);
      return false;
    });
    this.unsynced.push(...kept);
  }

  /** After a failed sync the kernel may take what it could not write for written. (Rebello et al., USENIX ATC 2020) */
  private lose(file: CutFile): void {
    const kept = this.unsynced.filter((change) => !('file' in change && change.file === file));
    this.unsynced.splice(0, this.unsynced.length, ...kept);
  }

  private fileOf(inode: string): CutFile {
    const file = this.inodes.get(inode);
    if (file === undefined) throw new Error(`nobody opened inode ${inode}`);
    return file;
  }
}

export function writeFiles(folder: string, files: ReadonlyMap<string, Buffer>): void {
  for (const [path, content] of files) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content, { mode: 0o600 });
  }
}

function applied(before: Buffer, change: Extract<Unsynced, { kind: 'write' | 'size' }>): Buffer {
  const size =
    change.kind === 'size' ? change.size : Math.max(before.length, change.at + change.bytes.length);
  let after = before;
  if (size < before.length) after = before.subarray(0, size);
  if (size > before.length) after = Buffer.concat([before, Buffer.alloc(size - before.length)]);
  if (change.kind === 'write') change.bytes.copy(after, change.at);
  return after;
}

function applyName(names: Map<string, CutFile>, change: Unsynced): void {
  if (change.kind === 'name') names.set(change.path, change.file);
  else if (change.kind === 'no-name') names.delete(change.path);
  else if (change.kind === 'rename') {
    const file = names.get(change.path);
    names.delete(change.path);
    if (file !== undefined) names.set(change.to, file);
  }
}
