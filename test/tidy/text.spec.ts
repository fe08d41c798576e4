import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { files, root, textOf } from './checkout';

const written = files().filter((path) =>
  /\.(ts|tsx|mjs|cjs|md|json|ya?ml|sh|html|css)$/.test(path),
);
const pages = written.filter((path) => path.endsWith('.md'));
// Spelled with a gap, so that this page may speak of what it forbids.
const spelled = (pattern: string) => new RegExp(pattern.replaceAll('~', ''));
const placeholder = spelled('\\b(TO~DO|FIX~ME|X~XX)\\b');
const switchedOff = spelled('\\b(describe|it|test)[.](on~ly|sk~ip)[.(]|\\b[xf](it|describe)[(]');
const privatePath = spelled('(^|[^\\w.])/(wo~rk|Us~ers|ro~ot)/[a-z.]');

describe('the text of the repository', () => {
  it('promises nothing for later', () => {
    expect(linesWith(placeholder)).toEqual([]);
  });

  it('switches no test off, and none on alone', () => {
    expect(linesWith(switchedOff)).toEqual([]);
  });

  it('knows no path of anybody’s own machine', () => {
    expect(linesWith(privatePath)).toEqual([]);
  });

  it('links only to what is there', () => {
    const broken = pages.flatMap((page) =>
      linksOf(page)
        .filter((link) => !existsSync(join(root, dirname(page), link)))
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  it('names only commands that exist', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const missing = pages.flatMap((page) =>
      commandsOf(page)
        .filter((name) => scripts[name] === undefined)
        .map((name) => `${page}: npm run ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('names only scripts that exist', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const called = Object.values(scripts).flatMap((line) => line.match(/[\w/-]+\.m?js\b/g) ?? []);
    // What a build makes is not there before it.
    const missing = called.filter(
      (path) => !path.includes('/dist/') && !existsSync(join(root, path)),
    );
    expect(missing).toEqual([]);
  });
});

function linesWith(pattern: RegExp): readonly string[] {
  return written
    .filter((path) => path !== 'package-lock.json')
    .flatMap((path) =>
      textOf(path)
        .split('\n')
        .map((line, index) => ({ line, where: `${path}:${index + 1}` }))
        .filter(({ line }) => pattern.test(line))
        .map(({ line, where }) => `${where}: ${line.trim()}`),
    );
}

/** Relative targets of a page's links, without their anchors; code shows links, it does not make them. */
function linksOf(page: string): readonly string[] {
  const prose = textOf(page)
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => (target ?? '').replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

function commandsOf(page: string): readonly string[] {
  return [...textOf(page).matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map(([, name]) => name ?? '');
}
