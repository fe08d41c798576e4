import { open, rename } from 'node:fs/promises';

/** Replaces a file by another in one step: a reader sees the old text or the new, never half of one. (rename(2)) */
export async function writeWhole(path: string, text: string, mode = 0o644): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, 'w', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}
