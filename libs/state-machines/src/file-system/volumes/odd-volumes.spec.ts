import { FilesWithTables } from '../twin/files-with-tables';
import { define, snapshot } from '../twin/operations';
import { PastFiles } from '../twin/past-files';

describe('definevolume of a stranger', () => {
  it('makes a volume also in an op in which main was given a snapshot', () => {
    const files = new PastFiles();
    files.execute([[snapshot('s')]]);
    expect(files.besides('other', define({})).kind).toBe('volume');
    expect(files.besides('nobody', { kind: 'dropvolume' }).kind).toBe('refused');
  });

  it.each([{ historyMs: 2 ** 40 + 1 }, { trashMs: Number.MAX_SAFE_INTEGER }])(
    'keeps nothing for longer than a time can say: %j',
    (settings) => {
      const main = new FilesWithTables().process();
      expect(() => main.call(define(settings))).toThrow(/historyMs|trashMs/);
    },
  );

  it('may keep the past for the longest time there is', () => {
    const main = new FilesWithTables().process();
    expect(main.call(define({ historyMs: 2 ** 40, trashMs: 2 ** 40 }))).toBe('ok');
    expect(main.mkdir('/d')).toBe('ok');
  });
});
