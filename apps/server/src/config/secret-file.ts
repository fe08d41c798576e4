import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GroupSecret, SECRET_BYTES } from './group-secret';
import { ConfigError } from './replica-config';

export const SECRET_FILE = 'secret';
export const OWNER_ONLY = 0o600;

/** Throws `ConfigError`; the message never quotes the file. */
export async function readSecret(folder: string): Promise<GroupSecret> {
  const path = join(folder, SECRET_FILE);
  let text: string;
  let mode: number;
  try {
    text = await readFile(path, 'utf8');
    ({ mode } = await stat(path));
  } catch (fault) {
    throw new ConfigError(
      'data',
      `${path} cannot be read (${String(fault)}): every replica needs its group's secret`,
    );
  }
  if ((mode & 0o077) !== 0)
    throw new ConfigError('data', `others may read ${path}: run chmod 600 on it`);
  const hex = text.trim();
  if (!/^[0-9a-f]+$/.test(hex) || hex.length !== 2 * SECRET_BYTES)
    throw new ConfigError('data', `${path} does not hold ${SECRET_BYTES} bytes in hexadecimal`);
  return new GroupSecret(Buffer.from(hex, 'hex'));
}
