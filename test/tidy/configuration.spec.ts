import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getMetadataStorage } from 'class-validator';
import { Settings } from '../../apps/server/src/config/settings/settings';

const page = readFileSync(join(__dirname, '../../docs/configuration.md'), 'utf8');

/** Every section and key of the first level that the settings' class checks. */
const sections = new Set(
  getMetadataStorage()
    .getTargetValidationMetadatas(Settings, '', false, false)
    .map(({ propertyName }) => propertyName),
);

describe('docs/configuration.md', () => {
  it.each([...sections])('tells of %s', (section) => {
    expect(page).toMatch(new RegExp(`\`${section}(?:\\.[\\w.]+)?\``));
  });

  it('tells of nothing that there is not', () => {
    const told = [...page.matchAll(/^\| `(\w+)/gm)].map(([, name]) => name ?? '');
    expect(told.length).toBeGreaterThan(20);
    expect(told.filter((name) => !sections.has(name))).toEqual([]);
  });
});
