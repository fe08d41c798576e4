import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readIdentity } from '../../apps/server/src/config/identity-file';
import { readSecret } from '../../apps/server/src/config/secret-file';
import { expectBuilt, SERVER_MAIN } from './built-server';

const PROGRAM = join(dirname(SERVER_MAIN), '..', 'bin', 'lockstep.mjs');
const URLS = ['https://a.example:7400', 'https://b.example:7400', 'https://c.example:7400'];

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly problems: string;
}

jest.setTimeout(60_000);

describe('lockstep init', () => {
  let folder: string;

  beforeEach(async () => {
    expectBuilt();
    folder = await mkdtemp(join(tmpdir(), 'lockstep-init-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  const init = (...flags: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const args = [PROGRAM, 'init', '--to', folder, ...flags];
      execFile(process.execPath, args, (fault, output, problems) => {
        resolve({ code: Number(fault?.code ?? 0), output, problems });
      });
    });

  it('makes a folder a machine: one group, one secret, each reached where it was said', async () => {
    const { code, output } = await init('--replicas', URLS.join(','), '-o', 'json');
    expect(code).toBe(0);
    const { groupId } = JSON.parse(output) as { groupId: string };
    for (const [number, url] of URLS.entries()) {
      const replica = join(folder, `replica-${number}`);
      const identity = await readIdentity(replica);
      expect(identity).toMatchObject({ groupId, replicaNumber: number, url, mode: 'durable' });
      expect(await readSecret(replica)).toBeDefined();
    }
  });

  it('puts witnesses last: the first views belong to those that can serve', async () => {
    await init('--replicas', URLS.join(','), '--witness', URLS[0] ?? '');
    const { members } = (await readIdentity(join(folder, 'replica-0'))).epoch.configuration;
    expect(members.map(({ clientUrl, role }) => [clientUrl, role])).toEqual([
      [URLS[1], 'active'],
      [URLS[2], 'active'],
      [URLS[0], 'witness'],
    ]);
  });

  it.each([
    ['two replicas', URLS.slice(0, 2).join(','), [], 'take 1 or 3'],
    ['one twice', [...URLS, URLS[0]].join(','), [], 'given twice'],
    ['no port', 'https://a.example', [], 'is not like'],
    ['a path', 'https://a.example:7400/x', [], 'more than a host'],
    ['another scheme', 'ftp://a.example:7400', [], 'is not like'],
    ['a stranger as witness', URLS.join(','), ['--witness', 'https://d.example:1'], '--witness'],
    [
      'too many witnesses',
      URLS.join(','),
      URLS.slice(0, 2).flatMap((u) => ['--witness', u]),
      'at most 1',
    ],
  ])('refuses %s, and makes nothing', async (_, replicas, more, problem) => {
    const { code, problems } = await init('--replicas', replicas, ...more);
    expect(code).toBe(2);
    expect(problems).toContain(problem);
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves a folder alone that is not empty', async () => {
    await writeFile(join(folder, 'mine'), '');
    const { code, problems } = await init('--replicas', URLS.join(','));
    expect(code).toBe(2);
    expect(problems).toContain('is not empty');
    expect(await readdir(folder)).toEqual(['mine']);
  });
});
