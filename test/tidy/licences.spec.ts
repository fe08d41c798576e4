import { textOf } from './checkout';

interface Locked {
  readonly link?: boolean;
  readonly license?: string;
}

/** Says its licence, MIT, in a field that npm no longer reads. */
const saidElsewhere = ['node_modules/xmlhttprequest-ssl'];

// CC-BY-4.0 is caniuse-lite's table of browsers, used by tests only.
const permissive =
  /^(MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|Python-2\.0|CC-BY-4\.0)$/;

describe('the licences of what is installed', () => {
  it('are all permissive', () => {
    const { packages } = JSON.parse(textOf('package-lock.json')) as {
      packages: Record<string, Locked>;
    };
    const others = Object.entries(packages)
      .filter(([path, { link }]) => path.startsWith('node_modules/') && link !== true)
      .filter(([path]) => !saidElsewhere.includes(path))
      .filter(([, { license }]) => !isPermissive(license ?? 'none'))
      .map(([path, { license }]) => `${path}: ${license ?? 'none'}`);
    expect(others).toEqual([]);
  });
});

/** All parts of an AND, any part of an OR; the lock has no expression deeper than that. */
function isPermissive(expression: string): boolean {
  const parts = expression.replace(/[()]/g, '').split(/ (?:AND|OR) /);
  if (expression.includes(' OR ')) return parts.some((part) => permissive.test(part));
  return parts.every((part) => permissive.test(part));
}
