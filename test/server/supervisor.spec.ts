import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Group } from '../../apps/server/src/group-folder/group';
import { replicaFolder } from '../../apps/server/src/group-folder/group';
import type { GroupFile } from '../../apps/server/src/group-folder/group-file';
import { initGroup } from '../../apps/server/src/group-folder/init-group';
import { GroupSupervisor } from '../../apps/server/src/supervisor/group-supervisor';
import type { Terminal } from '../../apps/server/src/supervisor/terminal';

/** Remembers what was shown, and lets a test wait for a line. */
class Screen implements Terminal {
  readonly lines: string[] = [];
  private readonly waits: { readonly pattern: RegExp; readonly resolve: () => void }[] = [];

  event(who: string, what: string): void {
    this.line(`${who} ${what}`);
  }

  line(text: string): void {
    this.lines.push(text);
    for (const wait of this.waits.splice(0)) {
      if (wait.pattern.test(text)) wait.resolve();
      else this.waits.push(wait);
    }
  }

  /** Resolves at the next line that matches. */
  next(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => this.waits.push({ pattern, resolve }));
  }
}

describe('the supervisor of a group', () => {
  let folder: string;
  let group: Group;
  let screen: Screen;
  let supervisor: GroupSupervisor;

  beforeEach(async () => {
    await superviseGroupOf(0);
  });

  afterEach(async () => {
    supervisor.kill();
    await supervisor.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const superviseGroupOf = async (witnesses: number) => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-supervisor-'));
    const wanted = { folder, replicas: 3, witnesses, host: '127.0.0.1', basePort: 7400 };
    group = await initGroup({ ...wanted, mode: 'durable' });
    screen = new Screen();
    supervisor = new GroupSupervisor({
      group,
      program: join(__dirname, 'fake-replica.mjs'),
      terminal: screen,
      restartMs: 1,
      restartMsMax: 4,
      stopMs: 200,
    });
  };

  const start = async () => {
    const ready = screen.next(/^ready/);
    const listening = [0, 1, 2].map((number) =>
      screen.next(new RegExp(`^replica ${number} listening`)),
    );
    supervisor.start();
    await Promise.all([ready, ...listening]);
  };

  const groupFile = async () =>
    JSON.parse(await readFile(join(folder, 'group.json'), 'utf8')) as GroupFile;

  const pidOf = async (number: number) => (await groupFile()).replicas[number]?.pid ?? 0;

  const diary = () => readFileSync(join(folder, 'diary'), 'utf8').trim().split('\n');

  it('shows every replica, the primary and where to ask', async () => {
    await start();
    expect(screen.lines).toContainEqual(expect.stringMatching(/^view 0 replica 1 is primary/));
    expect(screen.lines).toContainEqual(
      expect.stringContaining('http://127.0.0.1:7400  http://127.0.0.1:7401'),
    );
  });

  it('sends nobody to a witness', async () => {
    await rm(folder, { recursive: true });
    await superviseGroupOf(1);
    await writeFile(join(replicaFolder(folder, 2), 'witness'), '');
    const told = screen.next(/^replica 2 is a witness/);
    await start();
    await told;
    const ready = screen.lines.filter((line) => line.startsWith('ready'));
    expect(ready).toEqual(['ready http://127.0.0.1:7400  http://127.0.0.1:7401']);
    const roles = (await groupFile()).replicas.map(({ role }) => role);
    expect(roles).toEqual(['active', 'active', 'witness']);
  });

  it('keeps group.json true through a death and the stop', async () => {
    await start();
    const running = await groupFile();
    expect(running.replicas.map(({ role, url, data }) => ({ role, url, data }))).toEqual(
      [0, 1, 2].map((number) => ({
        role: 'active',
        url: `http://127.0.0.1:${7400 + number}`,
        data: replicaFolder(folder, number),
      })),
    );
    expect(running).toMatchObject({ mode: 'durable', primary: group.replicas[1]?.nodeId, view: 0 });
    const before = await pidOf(1);
    const again = screen.next(/^view 1 replica 1 is primary/);
    process.kill(before, 'SIGKILL');
    await again;
    await supervisor.stop();
    expect(await groupFile()).toMatchObject({ view: 1, supervisor: null });
    expect((await groupFile()).replicas.map(({ pid }) => pid)).toEqual([null, null, null]);
    expect(await groupFile()).not.toHaveProperty('primary');
  });

  it('shows how a replica died and starts it again, and no other', async () => {
    await start();
    const others = [await pidOf(0), await pidOf(1)];
    const again = screen.next(/^replica 2 listening/);
    process.kill(await pidOf(2), 'SIGKILL');
    await again;
    expect(screen.lines).toContainEqual(
      expect.stringMatching(/^replica 2 killed by SIGKILL; starts again in \d+ ms/),
    );
    expect([await pidOf(0), await pidOf(1)]).toEqual(others);
  });

  it('tells the outage when another view begins', async () => {
    await start();
    const again = screen.next(/^view 1 replica 1 is primary after \d+ ms/);
    process.kill(await pidOf(1), 'SIGKILL');
    await again;
    expect(screen.lines).toContain('group no primary');
  });

  it('leaves a replica down that says three times at once that it cannot run, with its reason', async () => {
    await writeFile(join(replicaFolder(folder, 0), 'refuse'), '');
    const down = screen.next(/^replica 0 .*stays down/);
    supervisor.start();
    await down;
    const said = screen.lines.filter((line) => line.startsWith('replica 0 ended'));
    expect(said).toHaveLength(3);
    expect(said.at(-1)).toContain('exit code 2: it will not start');
  });

  it('starts a replica whose disk failed again, later each time, until it runs', async () => {
    const failing = join(replicaFolder(folder, 0), 'fail');
    await writeFile(failing, '');
    const tried = screen.next(/^replica 0 .*70: its disk is full; starts again in 4 ms/);
    supervisor.start();
    await tried;
    await screen.next(/^replica 0 .*; starts again in 4 ms/);
    const runs = screen.next(/^replica 0 listening/);
    await rm(failing);
    await runs;
    const delays = screen.lines.flatMap((line) => /starts again in (\d+) ms/.exec(line)?.[1] ?? []);
    expect(delays.slice(0, 4)).toEqual(['1', '2', '4', '4']);
  });

  it('gives up when no replica can run', async () => {
    for (const number of [0, 1, 2])
      await writeFile(join(replicaFolder(folder, number), 'refuse'), '');
    supervisor.start();
    await supervisor.allDown;
    expect(screen.lines.filter((line) => line.includes('stays down'))).toHaveLength(3);
  });

  it('stops the backups first and the primary last, and tells all before', async () => {
    await start();
    await supervisor.stop();
    const ends = diary().filter((line) => !line.endsWith('starts'));
    expect(ends.at(-1)).toBe('replica 1 stops');
    expect(ends.filter((line) => line.endsWith('stops'))).toHaveLength(3);
    expect(ends.filter((line) => line.endsWith('group-stopping'))).toHaveLength(3);
    expect(screen.lines.join()).not.toContain('starts again');
  });

  it('kills a replica that does not stop', async () => {
    await writeFile(join(replicaFolder(folder, 2), 'deaf'), '');
    await start();
    await supervisor.stop();
    expect(screen.lines).toContain('replica 2 killed by SIGKILL');
    expect(diary().at(-1)).toBe('replica 1 stops');
  });

  it('kills all at once when asked to', async () => {
    await start();
    supervisor.kill();
    await supervisor.stop();
    expect(diary().join()).not.toContain('stops');
  });
});
