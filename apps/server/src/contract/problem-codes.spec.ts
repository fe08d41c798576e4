import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEMS } from './problem-codes';

const README = join(__dirname, '../../README.md');
const ROW = /^\| `([\w-]+)` \| (\d{3}) \| (.+?) *\| .*\|$/;

describe('the codes of problems', () => {
  const documented = readFileSync(README, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, code = '', status, title = ''] = ROW.exec(line.replace(/ +\|/g, ' |')) ?? [];
      return code === '' ? [] : [[code, { status: Number(status), title: title.trim() }] as const];
    });

  it('each have their line in the README of the server, and no line is about another', () => {
    expect(Object.fromEntries(documented)).toEqual(PROBLEMS);
    expect(documented).toHaveLength(Object.keys(PROBLEMS).length);
  });
});
