import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadReplicaConfig } from '../../apps/server/src/config/load-replica-config';
import { ConfigError } from '../../apps/server/src/config/replica-config';
import { replicaFolder } from '../../apps/server/src/group-folder/group';
import { lockGroup } from '../../apps/server/src/group-folder/group-lock';
import { makeFolder } from '../../apps/server/src/group-folder/make-folder';
import { planGroup, type WantedGroup } from '../../apps/server/src/group-folder/open-group';
import { expectFreePorts } from '../../apps/server/src/supervisor/ports';

describe('the folder of a group (decision 33)', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-group-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  const plan = (wanted: Partial<WantedGroup> = {}) =>
    planGroup({
      folder,
      replicas: undefined,
      witnesses: undefined,
      host: undefined,
      basePort: undefined,
      mode: undefined,
      ...wanted,
    });

  const make = async (wanted: Partial<WantedGroup> = {}) => (await plan(wanted)).carryOut();

  const configOf = (number: number, ...flags: string[]) =>
    loadReplicaConfig(['--data', replicaFolder(folder, number), ...flags]);

  it('is made with an identity, the common secret and an init token for each replica', async () => {
    const { replicas } = await make({ basePort: 7000, replicas: 3 });
    expect((await readdir(folder)).sort()).toEqual(['replica-0', 'replica-1', 'replica-2']);
    for (const number of [0, 1, 2]) {
      expect((await readdir(replicaFolder(folder, number))).sort()).toEqual([
        'identity.json',
        'init',
        'secret',
      ]);
      const config = await configOf(number);
      expect(config).toMatchObject({
        identity: replicas[number],
        mode: 'durable',
        host: '127.0.0.1',
        port: 7000 + number,
        logLevel: 'info',
      });
    }
    expect(new Set(replicas.map(({ nodeId }) => nodeId)).size).toBe(3);
  });

  it('lets only its owner read the secret, and no configuration shows it', async () => {
    await make();
    const path = join(replicaFolder(folder, 0), 'secret');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const hex = (await readFile(path, 'utf8')).trim();
    expect(hex).toMatch(/^[0-9a-f]{64}$/);
    const config = await configOf(0);
    expect(JSON.stringify(config)).not.toContain(hex);
    expect(String(config?.secret)).toBe('[secret]');
    await chmod(path, 0o644);
    await expect(configOf(0)).rejects.toThrow(/chmod 600/);
  });

  it('is found again, the same, without any flag', async () => {
    const { replicas } = await make({ replicas: 5, basePort: 7100, mode: 'replicated' });
    const again = await plan();
    expect(again).toMatchObject({ isNew: false, size: 5, basePort: 7100 });
    expect((await again.carryOut()).replicas).toEqual(replicas);
  });

  it('may move to other ports and another mode, and keeps who it is', async () => {
    const before = await make({ basePort: 7000 });
    await make({ basePort: 7200, mode: 'replicated' });
    const config = await configOf(1);
    expect(config).toMatchObject({ port: 7201, mode: 'replicated' });
    expect(config?.identity.nodeId).toBe(before.replicas[1]?.nodeId);
    const third = before.replicas[2]?.nodeId ?? '';
    expect(config?.identity.addresses[third]).toBe('http://127.0.0.1:7202');
  });

  it('refuses another size, and changes nothing', async () => {
    await make({ replicas: 3 });
    await expect(plan({ replicas: 5 })).rejects.toThrow(/holds a group of 3/);
    expect(await readdir(folder)).toHaveLength(3);
  });

  it('is made with as many witnesses as wanted, the last of its replicas', async () => {
    const { replicas } = await make({ replicas: 5, witnesses: 2 });
    const { members } = replicas[0]?.epoch.configuration ?? {};
    const roles = ['active', 'active', 'active', 'witness', 'witness'];
    expect(members?.map(({ role }) => role)).toEqual(roles);
  });

  it.each([
    [3, 2, /0 or 1/],
    [4, 1, /take an odd number/],
    [5, 1, /0 or 2/],
    [1, 1, /none may/],
  ])('of %i replicas are not %i made witnesses (decision 18)', async (size, count, problem) => {
    await expect(plan({ replicas: size, witnesses: count })).rejects.toThrow(problem);
  });

  it('refuses another number of witnesses, and changes nothing', async () => {
    await make({ witnesses: 1 });
    await expect(plan({ witnesses: 0 })).rejects.toThrow(/made with 1, not 0/);
    await expect(plan({ witnesses: 1 })).resolves.toMatchObject({ isNew: false });
    await expect(plan()).resolves.toMatchObject({ isNew: false });
  });

  it('refuses a replica of another group, or one in another place', async () => {
    await make();
    await rename(replicaFolder(folder, 1), join(folder, 'aside'));
    await rename(replicaFolder(folder, 2), replicaFolder(folder, 1));
    await rename(join(folder, 'aside'), replicaFolder(folder, 2));
    await expect(plan()).rejects.toThrow(/another group or replica/);
  });

  it('makes the group anew when the first making was interrupted before any replica ran', async () => {
    await make();
    await rm(replicaFolder(folder, 0), { recursive: true });
    expect(await plan()).toMatchObject({ isNew: true });
    await make();
    expect((await configOf(2))?.identity.epoch).toEqual((await configOf(0))?.identity.epoch);
  });

  it('makes no group over a replica that has run', async () => {
    await make();
    await rm(replicaFolder(folder, 0), { recursive: true });
    await writeFile(join(replicaFolder(folder, 2), 'promise.a'), '');
    await expect(plan()).rejects.toThrow(/no replica-0/);
  });

  it.each<[string, string[], RegExp]>([
    ['no folder', [], /--data/],
    ['a folder that is none', ['--data', '/proc/none'], /--data/],
    ['an unknown flag', ['--speed', '9'], /--speed/],
  ])('gives a replica started with %s one line that names the key', async (_, argv, problem) => {
    await expect(loadReplicaConfig(argv)).rejects.toThrow(problem);
    await expect(loadReplicaConfig(argv)).rejects.toBeInstanceOf(ConfigError);
  });

  it.each<[string[], RegExp]>([
    [['--port', '99999'], /--port/],
    [['--host', '10.0.0.1'], /--host.*loopback/],
    [['--mode', 'quick'], /--mode/],
    [['--log-level', 'loud'], /--log-level/],
  ])('gives a replica started with %p one line that names the key', async (flags, problem) => {
    await make();
    await expect(configOf(0, ...flags)).rejects.toThrow(problem);
  });

  it.each<[string, (text: string) => string]>([
    ['cut', (text) => text.slice(0, 50)],
    ['of another format', (text) => text.replace('"formatVersion": 2', '"formatVersion": 9')],
    ['with another mode', (text) => text.replace('durable', 'fast')],
    ['with another number', (text) => text.replace('"replicaNumber": 0', '"replicaNumber": 1')],
    ['without members', (text) => text.replace('"replicas"', '"friends"')],
  ])('refuses an identity file %s', async (_, damage) => {
    await make();
    const path = join(replicaFolder(folder, 0), 'identity.json');
    await writeFile(path, damage(await readFile(path, 'utf8')));
    await expect(configOf(0)).rejects.toBeInstanceOf(ConfigError);
  });

  describe('its lock', () => {
    it('refuses a second supervisor while the first lives', () => {
      const lock = lockGroup(folder);
      expect(() => lockGroup(folder)).toThrow(`served by a running group (process ${process.pid})`);
      lock.release();
      expect(lockGroup(folder).wasStale).toBe(false);
    });

    it('is taken over from a supervisor that died', async () => {
      const child = spawn(process.execPath, ['-e', '0']);
      await new Promise((resolve) => child.once('exit', resolve));
      await writeFile(join(folder, 'lock'), JSON.stringify({ pid: child.pid }));
      expect(lockGroup(folder).wasStale).toBe(true);
    });

    it('is taken over when its number belongs to another process now', async () => {
      await writeFile(join(folder, 'lock'), JSON.stringify({ pid: process.pid, started: '1' }));
      expect(lockGroup(folder).wasStale).toBe(true);
    });

    it('is taken over when it is no lock', async () => {
      await writeFile(join(folder, 'lock'), 'half a l');
      expect(lockGroup(folder).wasStale).toBe(true);
    });
  });

  it('is made with the folders above it, and a place that can have none is refused', async () => {
    await makeFolder(join(folder, 'a', 'b', 'c'));
    await makeFolder(join(folder, 'a', 'b', 'c'));
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['c']);
    await expect(makeFolder('/proc/none/of/this')).rejects.toThrow(/ENOENT/);
  });

  it('refuses a port that is in use, by name', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(expectFreePorts('127.0.0.1', [port], 0)).rejects.toThrow(
      `127.0.0.1:${port} is in use`,
    );
    await new Promise((resolve) => server.close(resolve));
    await expect(expectFreePorts('127.0.0.1', [port], 0)).resolves.toBeUndefined();
  });
});
