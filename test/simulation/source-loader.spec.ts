import type { Chance } from './chance';
import { ROOT } from './seed-runs';
import { SourceLoader } from './source-loader';

describe('the loader of sources', () => {
  const FILE = 'test/simulation/chance.ts';
  const substitution = { file: FILE, text: 'return this.fraction() * end', by: 'return 0' };
  const substituted = {
    file: FILE,
    text: 'return Math.floor(this.fraction() * end);',
    by: 'return 7;',
  };
  type Exports = { Chance: typeof Chance };

  it('puts the error into its own graph of modules, and into no other', () => {
    const [mutated, true_] = [[substituted], []].map((substitutions) =>
      new SourceLoader(ROOT, substitutions).load<Exports>(FILE),
    );
    expect(mutated && new mutated.Chance('x').below(1)).toBe(7);
    expect(true_ && new true_.Chance('x').below(1)).toBe(0);
  });

  it('refuses a replacement whose text is not there exactly once', () => {
    expect(() => new SourceLoader(ROOT, [substitution]).load(FILE)).toThrow('0 times');
    const often = { file: FILE, text: 'this.next()', by: '' };
    expect(() => new SourceLoader(ROOT, [often]).load(FILE)).toThrow('times, not once');
  });

  it('refuses a replacement in a file that is never loaded', () => {
    const elsewhere = { ...substituted, file: 'test/simulation/disk.ts' };
    expect(() => new SourceLoader(ROOT, [elsewhere]).load(FILE)).toThrow('is not part of');
  });
});
