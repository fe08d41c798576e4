import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../storage/fault';

/**
 * Makes a folder and those above it. (Not by `recursive`: below /proc, Node 20 then tries for ever.)
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (fault) {
    const code = codeOf(fault);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw fault;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}
