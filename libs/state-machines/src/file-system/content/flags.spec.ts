import { FLAG } from '../status/flags';
import { at, bytesOf, PLAINLY, SoloFiles, type SoloProcess } from '../twin/solo-files';
import type { FileOperation, OpenFlag } from '../wire/operations';

const open = (...flags: OpenFlag[]): FileOperation => ({
  kind: 'open',
  path: bytesOf('/f'),
  flags,
  mode: 0o644,
});
const setFlags = (flags: number): FileOperation => ({ kind: 'setflags', object: at('/f'), flags });
const write = (offset?: number, object = at('/f')): FileOperation => ({
  kind: 'write',
  object,
  offset,
  data: new Uint8Array(2),
});

function start(flags: number): { readonly files: SoloFiles; readonly root: SoloProcess } {
  const files = new SoloFiles();
  const root = files.process();
  root.create('/f');
  root.truncate('/f', 4);
  root.call(setFlags(flags));
  return { files, root };
}

describe('a file that may only grow', () => {
  it.each<readonly [string, string, FileOperation]>([
    ['ok', 'read', open('RDONLY')],
    ['ok', 'written at its end', open('WRONLY', 'APPEND')],
    ['EPERM', 'written anywhere', open('WRONLY')],
    ['EPERM', 'written anywhere, if it were not there made', open('RDWR', 'CREAT')],
    ['EPERM', 'cut', open('RDONLY', 'TRUNC')],
    ['EPERM', 'cut and written at its end', open('WRONLY', 'APPEND', 'TRUNC')],
  ])('is %s to be opened to be %s', (code, _how, op) => {
    expect(start(FLAG.SF_APPEND).root.call(op)).toBe(code);
  });

  it('is written at its end only, without a handle as well', () => {
    const { root } = start(FLAG.SF_APPEND);
    expect([
      root.call(write()),
      root.call(write(6)),
      root.call(write(0)),
      root.call(write(9)),
    ]).toEqual(['ok', 'ok', 'EPERM', 'EPERM']);
    expect(root.attributes('/f').size).toBe(8);
  });

  it('keeps its chunks', () => {
    const { root } = start(FLAG.SF_APPEND);
    const op = { kind: 'setchunks', object: at('/f'), put: [], remove: [], size: 0 } as const;
    expect(root.run(op)).toMatchObject({ code: 'EPERM', rule: 'append-only' });
  });
});

describe('a file that becomes immutable', () => {
  /** What is open already is not protected by permissions, but by its flags. */
  it.each([
    [FLAG.SF_IMMUTABLE, ['EPERM', 'EPERM']],
    [FLAG.SF_APPEND, ['ok', 'EPERM']],
    [FLAG.UF_NODUMP, ['ok', 'ok']],
  ] as const)(
    '(%i) answers %s to a write and a cut through what was open before',
    (flags, codes) => {
      const { files, root } = start(0);
      const opened = { kind: 'opened', at: 0 } as const;
      const ends: readonly FileOperation[] = [
        write(0, opened),
        { kind: 'truncate', object: opened, size: 0n },
      ];
      const told = ends.map((end) => {
        const ops = [open('RDWR'), setFlags(flags), end];
        const batch = { kind: 'batch', volume: 'main', caller: root.caller, ...PLAINLY } as const;
        const { answer } = files.submit({ ...batch, ops, atomic: true });
        if (answer.kind !== 'batch') throw new Error('a batch is answered by one');
        const last = answer.results[2];
        if (last?.kind !== 'refused') files.submit({ ...batch, ops: [setFlags(0)], atomic: true });
        return last?.kind === 'refused' ? last.code : 'ok';
      });
      expect(told).toEqual(codes);
    },
  );
});
