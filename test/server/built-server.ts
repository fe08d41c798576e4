import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
export const SERVER_MAIN = join(ROOT, 'apps/server/dist/main.js');
const BUILD_STAMP = join(ROOT, 'apps/server/tsconfig.tsbuildinfo');
const SOURCES = ['apps/server/src', 'libs/vr-core/src', 'libs/state-machines/src'];

/** Real processes run what is built: built again when a source is newer. */
export function expectBuilt(): void {
  const built = existsSync(BUILD_STAMP) ? statSync(BUILD_STAMP).mtimeMs : 0;
  if (existsSync(SERVER_MAIN) && SOURCES.every((folder) => newestIn(join(ROOT, folder)) < built))
    return;
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-b', 'apps/server'], { cwd: ROOT, stdio: 'pipe' });
}

function newestIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs)
    .reduce((newest, each) => Math.max(newest, each), 0);
}
