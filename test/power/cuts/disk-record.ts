import { readFileSync } from 'node:fs';

/** What a process did to its disk, in order. Paths are below the root of the record. */
export type DiskEvent =
  | {
      readonly kind: 'open';
      readonly inode: string;
      readonly path: string;
      readonly created: boolean;
      readonly truncated: boolean;
    }
  | { readonly kind: 'write'; readonly inode: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly inode: string; readonly size: number }
  | { readonly kind: 'sync'; readonly inode: string; readonly path: string }
  /** A sync that failed. */
  | { readonly kind: 'lose'; readonly inode: string; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'unlink'; readonly path: string }
  /** What the process itself wrote into the file `notes`, which is none of its storage. */
  | { readonly kind: 'note'; readonly text: string };

const NOTES = 'notes';

/** Reads what `disk/record.c` wrote. Throws at a call that the model of a disk does not know. */
export function readRecord(file: string): DiskEvent[] {
  const bytes = readFileSync(file);
  const events: DiskEvent[] = [];
  const notes = new Set<string>();
  let at = 0;
  const line = (): string => {
    const end = bytes.indexOf(10, at);
    const text = bytes.toString('utf8', at, end);
    at = end + 1;
    return text;
  };
  while (at < bytes.length) {
    const [kind = '', inode = '', first = '', second = '', ...words] = line().split(' ');
    const path = words.join(' ');
    if (kind === 'open' && path === NOTES) notes.add(inode);
    else if (kind === 'open')
      events.push({ kind, inode, path, created: first === '1', truncated: second === '1' });
    else if (kind === 'write') {
      const length = Number(second);
      const written = bytes.subarray(at, at + length);
      at += length + 1;
      events.push(
        notes.has(inode)
          ? { kind: 'note', text: written.toString() }
          : { kind, inode, at: Number(first), bytes: written },
      );
    } else if (kind === 'truncate') events.push({ kind, inode, size: Number(first) });
    else if (kind === 'sync' || kind === 'lose') events.push({ kind, inode, path });
    else if (kind === 'rename') events.push({ kind, path, to: line() });
    else if (kind === 'unlink') {
      line();
      events.push({ kind, path });
    } else throw new Error(`the model of a disk knows no ${kind} of ${path}`);
  }
  return events;
}
