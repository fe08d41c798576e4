import { open, rename, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readIfThere, syncFolder } from '../storage/folder';

/** One line: what was asked, or what came of it. Never a value, a content, a note or a token. */
export type AuditEntry = Readonly<Record<string, unknown>>;

/** Then the file is set aside as `.1`, and what was `.1` is gone. */
const FILE_BYTES_MAX = 16 << 20;

/** JSON lines that are on the disk when `write` resolves. One writer at a time, in the order of the calls. */
export class AuditLog {
  readonly path: string;
  private readonly bytesMax: number;
  private file: FileHandle | undefined;
  private bytes = 0;
  private last: Promise<unknown> = Promise.resolve();

  constructor(path: string, bytesMax = FILE_BYTES_MAX) {
    this.path = path;
    this.bytesMax = bytesMax;
  }

  /** Rejects with the fault of the disk; the next call tries anew. */
  write(entry: AuditEntry): Promise<void> {
    const line = `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`;
    const written = this.last.then(() => this.append(line));
    this.last = written.catch(() => undefined);
    return written;
  }

  /** The newest entries, the newest first; a line that a crash has cut is left out. */
  async newest(limit: number): Promise<AuditEntry[]> {
    await this.last;
    const parts = await Promise.all([`${this.path}.1`, this.path].map((path) => readIfThere(path)));
    const lines = parts.flatMap((part) => (part?.toString('utf8') ?? '').split('\n'));
    const entries = lines.map(entryOf).filter((entry) => entry !== undefined);
    return entries.slice(-limit).reverse();
  }

  async close(): Promise<void> {
    await this.last;
    await this.file?.close();
    this.file = undefined;
  }

  private async append(line: string): Promise<void> {
    try {
      const file = (this.file ??= await this.openFile());
      await file.appendFile(line);
      await file.datasync();
      this.bytes += Buffer.byteLength(line);
      if (this.bytes > this.bytesMax) await this.setAside(file);
    } catch (fault) {
      await this.file?.close().catch(() => undefined);
      this.file = undefined;
      throw fault;
    }
  }

  private async openFile(): Promise<FileHandle> {
    const file = await open(this.path, 'a', 0o600);
    this.bytes = (await stat(this.path)).size;
    await syncFolder(dirname(this.path));
    return file;
  }

  private async setAside(file: FileHandle): Promise<void> {
    this.file = undefined;
    await file.close();
    await rename(this.path, `${this.path}.1`);
  }
}

function entryOf(line: string): AuditEntry | undefined {
  try {
    return JSON.parse(line) as AuditEntry;
  } catch {
    return undefined;
  }
}
