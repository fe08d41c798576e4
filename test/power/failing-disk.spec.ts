import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDisk, canFail, diskEnvironment, DiskFaults } from './failing-disk';

const onLinux = canFail ? describe : describe.skip;

/** What each call says, in a process whose files are on the failing disk: bytes, or the code of its error. */
const PROGRAM = `
const fs = require('node:fs');
const name = process.argv[1];
const said = (call) => { try { return call() ?? 'ok'; } catch (fault) { return fault.code; } };
const file = said(() => fs.openSync(name, 'r+'));
const answers = typeof file === 'string' ? { open: file } : {
  inPlace: said(() => fs.writeSync(file, 'abcdefgh', 0)),
  atTheEnd: said(() => fs.writeSync(file, 'abcdefgh', 100)),
  sync: said(() => fs.fsyncSync(file)),
  read: said(() => fs.readSync(file, Buffer.alloc(4), 0, 4, 0)),
};
answers.create = said(() => fs.closeSync(fs.openSync(name + '.new', 'w')));
answers.rename = said(() => fs.renameSync(name, name + '.moved'));
console.log(JSON.stringify(answers));
`;

const SOUND = { inPlace: 8, atTheEnd: 8, sync: 'ok', read: 4, create: 'ok', rename: 'ok' };

onLinux('a disk that fails as it is told', () => {
  const library = buildDisk(join(__dirname, '../..'));
  let root: string;
  let faults: DiskFaults;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lockstep-failing-'));
    faults = new DiskFaults(`${root}.faults`);
    writeFileSync(join(root, 'file'), 'x'.repeat(64));
  });

  afterEach(() => {
    for (const path of [root, `${root}.faults`, `${root}.faults.hits`])
      rmSync(path, { recursive: true, force: true });
  });

  const answers = (name = 'file'): Record<string, unknown> => {
    const env = { ...process.env, ...diskEnvironment({ library, root, faults: faults.file }) };
    const output = execFileSync(process.execPath, ['-e', PROGRAM, join(root, name)], { env });
    return JSON.parse(output.toString()) as Record<string, unknown>;
  };

  it('is sound without a control file, and without a rule for the path', () => {
    expect(answers()).toEqual(SOUND);
    writeFileSync(join(root, 'other'), 'x'.repeat(64));
    faults.set('EIO all */file');
    expect(answers('other')).toMatchObject({ inPlace: 8, read: 4 });
  });

  it('lets a full disk write where there is room already', () => {
    faults.set('ENOSPC grow *');
    expect(answers()).toEqual({ ...SOUND, atTheEnd: 'ENOSPC', create: 'ENOSPC' });
    expect(faults.hits).toHaveLength(2);
    expect(faults.hits[0]).toMatch(/^\d+ ENOSPC .*\/file$/);
  });

  it('refuses every change when it is read-only', () => {
    faults.set('EROFS change *');
    expect(answers()).toEqual({ open: 'EROFS', create: 'EROFS', rename: 'EROFS' });
  });

  it('fails single calls, after some and for some', () => {
    faults.set('EIO write */file skip=1 times=1', 'EIO sync,read */file');
    expect(answers()).toEqual({ ...SOUND, atTheEnd: 'EIO', sync: 'EIO', read: 'EIO' });
  });

  // libuv comes again with the rest of a short write, and answers what it has when that fails.
  it('writes half before it is full', () => {
    faults.set('SHORT write */file times=1', 'ENOSPC write */file');
    expect(answers()).toEqual({ ...SOUND, inPlace: 4, atTheEnd: 'ENOSPC' });
    expect(readFileSync(join(root, 'file.moved'), 'latin1')).toBe(`abcd${'x'.repeat(60)}`);
  });

  it('forgets what it said was written', () => {
    faults.set('SWALLOW write */file');
    expect(answers()).toEqual(SOUND);
    expect(readFileSync(join(root, 'file.moved'), 'latin1')).toBe('x'.repeat(64));
  });

  it('takes no rule that it does not know for a sound disk', () => {
    faults.set('ENOPE write *');
    expect(() => answers()).toThrow('disk: no such rule: ENOPE write *');
  });

  it('writes down every change in order, with its bytes', () => {
    const record = `${root}.record`;
    const env = { ...process.env, ...diskEnvironment({ library, root, record }) };
    execFileSync(process.execPath, ['-e', PROGRAM, join(root, 'file')], { env });
    const lines = readFileSync(record, 'latin1')
      .replaceAll(/ \d{3,} /g, ' INODE ')
      .split('\n');
    rmSync(record);
    expect(lines).toEqual([
      'open INODE 0 0 file',
      ...['write INODE 0 8 ', 'abcdefgh', 'write INODE 100 8 ', 'abcdefgh'],
      'sync INODE 0 0 file',
      'open INODE 1 0 file.new',
      ...['rename 0 0 0 file', 'file.moved'],
      '',
    ]);
    expect(existsSync(join(root, 'file.new'))).toBe(true);
  });
});
