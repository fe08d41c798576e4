import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** From the top of the repository. */
export const KNOWN_TRACES_FILE = 'test/exploration/known-traces.json';

/** By world: what happened, step by step, until a rule was broken. (decision 24) */
export type KnownTraces = Readonly<Record<string, readonly string[]>>;

export function readKnownTraces(root: string): KnownTraces {
  const file = join(root, KNOWN_TRACES_FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as KnownTraces) : {};
}

export function recordTrace(root: string, world: string, trace: readonly string[]): void {
  const all = { ...readKnownTraces(root), [world]: trace };
  writeFileSync(join(root, KNOWN_TRACES_FILE), `${JSON.stringify(all, undefined, 2)}\n`);
}
