import { open } from 'node:fs/promises';
import { codeOf } from './fault';

const BYTES_AT_ONCE = 1 << 20;

/**
 * Writes a file over itself, byte for byte, and syncs it; nothing when there is none. What is read from a file may be in
 * the memory of the kernel alone: written by a process that died before its sync, or whose sync failed, after which the
 * kernel takes what it could not write for written, and no later sync would bring it to the disk. The bytes are those that
 * are there, so a power cut in between leaves them or them. (ADR 19; Rebello et al., USENIX ATC 2020)
 */
export async function writtenAgain(path: string): Promise<void> {
  const file = await open(path, 'r+').catch((fault: unknown) => {
    if (codeOf(fault) === 'ENOENT') return undefined;
    throw fault;
  });
  if (file === undefined) return;
  try {
    const bytes = Buffer.alloc(BYTES_AT_ONCE);
    for (let at = 0; ;) {
      const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
      if (bytesRead === 0) break;
      const { bytesWritten } = await file.write(bytes, 0, bytesRead, at);
      if (bytesWritten === 0) throw new Error('nothing was written');
      at += bytesWritten;
    }
    await file.datasync();
  } finally {
    await file.close();
  }
}
