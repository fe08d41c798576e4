import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog } from './audit-log';

describe('the audit log', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-audit-'));
    path = join(folder, 'audit.log');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const whatOf = (entries: readonly object[]) =>
    entries.map((entry) => (entry as { what?: unknown }).what);

  it('keeps what was written, in order, and gives the newest first', async () => {
    const log = new AuditLog(path);
    await Promise.all([log.write({ what: 1 }), log.write({ what: 2 }), log.write({ what: 3 })]);
    expect(whatOf(await log.newest(2))).toEqual([3, 2]);
    await log.close();
    const again = new AuditLog(path);
    await again.write({ what: 4 });
    expect(whatOf(await again.newest(10))).toEqual([4, 3, 2, 1]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await again.close();
  });

  it('is set aside when it is large, and still read', async () => {
    const log = new AuditLog(path, 100);
    for (let what = 1; what <= 4; what += 1) await log.write({ what, filler: 'x'.repeat(60) });
    expect(whatOf(await log.newest(10))).toContain(4);
    expect(await readFile(`${path}.1`, 'utf8')).toContain('"what":4');
    await log.close();
  });

  it('leaves out a line that was cut off', async () => {
    const log = new AuditLog(path);
    await log.write({ what: 1 });
    await appendFile(path, '{"what":');
    expect(whatOf(await log.newest(10))).toEqual([1]);
    await log.close();
  });

  it('says when it cannot be written, and is written again when it can', async () => {
    const log = new AuditLog(join(folder, 'not-there', 'audit.log'));
    await expect(log.write({ what: 1 })).rejects.toThrow('ENOENT');
    await expect(log.write({ what: 2 })).rejects.toThrow('ENOENT');
    await log.close();
  });
});
