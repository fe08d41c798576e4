import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { root } from './step.mjs';

/**
 * Which tests the given words mean. A word in a file's path selects the whole file; in other files
 * it selects the tests in whose names it stands. `view-change` also means "view change".
 * @returns {{whole: string[], byName: string[], pattern: string}} spec files, and jest's `-t`.
 */
export function selectTests(words) {
  const pattern = words.map(asPattern).join('|');
  const word = new RegExp(pattern, 'i');
  const specs = ['libs', 'apps', 'test'].flatMap((folder) => specsIn(folder));
  const whole = specs.filter((path) => word.test(path));
  const byName = specs.filter(
    (path) => !whole.includes(path) && word.test(readFileSync(join(root, path), 'utf8')),
  );
  return { whole, byName, pattern };
}

function asPattern(word) {
  const literal = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return literal.replace(/[- ]/g, '[- ]');
}

function specsIn(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules' && entry.name !== 'dist')
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return specsIn(path);
      return entry.name.endsWith('.spec.ts') ? [path.replaceAll(sep, '/')] : [];
    });
}
