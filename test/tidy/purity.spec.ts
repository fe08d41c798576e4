import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import ts from 'typescript';
import { root, tool } from './checkout';

type Impurity = readonly [what: string, source: string, complaint: string];

const doesNotCompile: readonly Impurity[] = [
  ['a timer', 'setTimeout(() => 0, 1);', `Cannot find name 'setTimeout'`],
  ['a buffer', 'export const bytes = Buffer.alloc(1);', `Cannot find name 'Buffer'`],
  ['the network', `export const answer = fetch('/');`, `Cannot find name 'fetch'`],
  ['a file', `import 'node:fs'; export const f = fs.openSync('a');`, `Cannot find name 'fs'`],
  ['the process', 'export const id = process.pid;', `Cannot find name 'process'`],
  ['an enum', 'export enum Colour { Red }', 'erasableSyntaxOnly'],
];

const isForbidden: readonly Impurity[] = [
  ['the time of day', 'export const now = Date.now();', 'no-restricted-globals'],
  ['a date', 'export const today = new Date();', 'no-restricted-globals'],
  ['dice', 'export const die = Math.random();', 'no-restricted-properties'],
  ['an async function', 'export async function wait() {}', 'no-restricted-syntax'],
  ['an async arrow', 'export const pause = async () => 1;', 'no-restricted-syntax'],
  ['a promise', 'export const one = Promise.resolve(1);', 'no-restricted-globals'],
  ['a timer', 'setTimeout(() => 0, 1);', 'no-restricted-globals'],
  ['a locale', `export const order = 'a'.localeCompare('b');`, 'no-restricted-syntax'],
  ['a format', 'export const format = new Intl.Collator();', 'no-restricted-globals'],
  ['an order of keys', 'for (const key in {}) key.trim();', 'no-restricted-syntax'],
  ['a word to the console', `console.log('here');`, 'no-console'],
  ['an idle exemption', 'export const a = 1; // eslint-disable-line no-var', 'Unused'],
];

describe.each(['libs/vr-core', 'libs/state-machines'])(
  '%s is a function of its inputs',
  (library) => {
    const compiled = new Map<string, string>();
    const linted = new Map<number, string>();

    beforeAll(() => {
      for (const [what, source] of doesNotCompile) compiled.set(what, compile(library, source));
      const sources = isForbidden.map(([, source]) => source).join('\n');
      for (const { line, text } of lint(library, sources))
        linted.set(line, `${linted.get(line) ?? ''}${text}\n`);
    }, 60_000);

    it.each(doesNotCompile)('%s does not compile', (what, _source, complaint) => {
      expect(compiled.get(what)).toContain(complaint);
    });

    it.each(isForbidden)('%s is refused by lint', (what, _source, complaint) => {
      const line = isForbidden.findIndex(([each]) => each === what) + 1;
      expect(linted.get(line)).toContain(complaint);
    });
  },
);

/** What the compiler says of a file with this text, under the library's own configuration. */
function compile(library: string, source: string): string {
  const folder = join(root, library);
  const read = ts.readConfigFile(join(folder, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, folder);
  const path = join(folder, 'src', 'impure.ts');
  const host = ts.createCompilerHost(options);
  host.fileExists = (each) => each === path || ts.sys.fileExists(each);
  host.readFile = (each) => (each === path ? source : ts.sys.readFile(each));
  const program = ts.createProgram({ rootNames: [path], options, host });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
    .join('\n');
}

interface Complaint {
  readonly line: number;
  readonly text: string;
}

/** What lint says, line by line, of this text in a file of the library. */
function lint(library: string, source: string): readonly Complaint[] {
  const config = ['--config', 'test/tidy/untyped.eslint.config.mjs', '--format', 'json'];
  const args = [...config, '--stdin', '--stdin-filename', `${library}/src/index.ts`];
  const run = spawnSync(tool('eslint'), args, { cwd: root, input: source, encoding: 'utf8' });
  const [file] = JSON.parse(run.stdout) as readonly [{ messages: readonly Message[] }];
  return file.messages.map(({ line, ruleId, message }) => ({
    line,
    text: `${ruleId ?? ''}: ${message}`,
  }));
}

interface Message {
  readonly line: number;
  readonly ruleId: string | null;
  readonly message: string;
}
