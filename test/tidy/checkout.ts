import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The top of the checkout. */
export const root = join(__dirname, '../..');

/** Paths, from the root, of every file that is or would be committed. */
export function files(): readonly string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0');
  // A file that was deleted and not committed yet is still listed.
  return listed.filter((path) => path !== '' && existsSync(join(root, path)));
}

/** The text of one file, by its path from the root. */
export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** A tool of ours, by its name in `node_modules/.bin`. */
export function tool(name: string): string {
  return join(root, 'node_modules/.bin', name);
}
