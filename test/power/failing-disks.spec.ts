import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GroupHarness, type ReplicaHandle } from '../server/group-harness';
import { rest, type RestAnswer } from '../server/rest-client';
import { buildDisk, canFail, diskEnvironment, DiskFaults } from './failing-disk';

jest.setTimeout(180_000);

const FULL = /the disk is full .* Make room on it/;
const READ_ONLY = /the disk is read-only .* make it writable/;
const IO_ERROR = /the disk has an I\/O error .* Replace it/;

/** How long an answer is waited for. */
const SOON = { prefer: 'wait=1' };

const onLinux = canFail ? describe : describe.skip;

onLinux('a group of three on disks that fail', () => {
  let group: GroupHarness;
  let faults: DiskFaults;
  /** How often the counter was raised, as acknowledged. */
  let acknowledged = 0;
  let unknown = 0;

  beforeAll(async () => {
    const library = buildDisk(join(__dirname, '../..'));
    group = await GroupHarness.start({
      environment: (root) => {
        faults = new DiskFaults(`${root}.faults`);
        return diskEnvironment({ library, root, faults: faults.file });
      },
    });
  });

  afterAll(async () => {
    await group.stop();
    for (const suffix of ['', '.hits']) await rm(`${faults.file}${suffix}`, { force: true });
  });

  afterEach(async () => {
    faults.heal();
    await group.startAll();
    await expectNothingLost();
  });

  /** Every disk is good again: what was acknowledged is there, and nothing that was never asked for. */
  const expectNothingLost = async () => {
    for (const { url } of group.replicas) {
      const { body } = await answerOf(url);
      expect(body['value']).toBeGreaterThanOrEqual(acknowledged);
      expect(body['value']).toBeLessThanOrEqual(acknowledged + unknown);
    }
  };

  /** The first result: a connection may be one of an earlier life. */
  const answerOf = async (url: string): Promise<RestAnswer> => {
    for (let tries = 0; tries < 100; tries += 1) {
      const answer = await rest(`${url}/v1/counter/total`).catch(() => undefined);
      if (answer?.status === 200) return answer;
    }
    throw new Error(`${url} gives no answer`);
  };

  const addTo = async (url: string): Promise<RestAnswer | undefined> => {
    const answer = await rest(`${url}/v1/counter/total`, 'POST', { by: 1 }, SOON).catch(
      () => undefined,
    );
    if (answer?.status === 200) acknowledged += 1;
    else unknown += 1;
    return answer;
  };

  /** Requests through the others until this one has ended; they get no answer but a result or a plain refusal. */
  const endOf = async (victim: ReplicaHandle, doors = others(victim)) => {
    const statuses = new Set<number | undefined>();
    const ended = victim.ended();
    while (victim.isRunning) for (const { url } of doors) statuses.add((await addTo(url))?.status);
    // Or none, over a connection to an earlier life.
    for (const status of statuses) expect([200, 503, 504, undefined]).toContain(status);
    return ended;
  };

  const others = (than: ReplicaHandle) => group.replicas.filter((replica) => replica !== than);
  const on = (replica: ReplicaHandle) => `*/replica-${replica.number}/*`;
  const aBackup = async () => (await group.backups())[0]!;

  it.each([
    ['is full', 'backup', 'ENOSPC grow', FULL],
    ['is full and copies on write', 'primary', 'ENOSPC grow,write', FULL],
    ['has become read-only', 'backup', 'EROFS change', READ_ONLY],
    ['fails to sync', 'primary', 'EIO sync', IO_ERROR],
  ])(
    'when a disk %s, its %s ends with 70 and says why; the others go on',
    async (_, role, rule, line) => {
      const victim = role === 'primary' ? await group.primary() : await aBackup();
      faults.set(`${rule} ${on(victim)}`);
      expect(await endOf(victim)).toBe(70);
      expect(victim.farewell).toMatch(line);
      expect(victim.farewell).toContain(victim.dataFolder);
      expect(victim.log.trimEnd().split('\n').at(-1)).toBe(victim.farewell);
      const next = await group.primary();
      expect((await addTo(next.url))?.status).toBe(200);
    },
  );

  it.each([
    ['is full', 'ENOSPC grow,write', '*', 70, FULL],
    ['is read-only', 'EROFS change', '*', 70, READ_ONLY],
    ['cannot be read', 'EIO read', 'replica.sqlite*', 70, IO_ERROR],
    ['does not give its settings', 'EIO read', 'identity.json', 2, /identity.json.* EIO/],
  ])(
    'when a disk %s, a replica does not start, and its log stays as it is',
    async (_, rule, files, code, line) => {
      const victim = await aBackup();
      await victim.kill();
      const before = await readdir(victim.dataFolder);
      faults.set(`${rule} */replica-${victim.number}/${files}`);
      victim.spawn();
      expect(await victim.ended()).toBe(code);
      expect(victim.farewell).toMatch(line);
      expect(victim.farewell).toContain(victim.dataFolder);
      expect((await readdir(victim.dataFolder)).filter(isLog)).toEqual(before.filter(isLog));
    },
  );

  it('ends with 70 also where there is no room for its last words', async () => {
    const victim = await aBackup();
    faults.set(`ENOSPC write */replica-${victim.number}*`);
    expect(await endOf(victim)).toBe(70);
    expect(victim.farewell).toMatch(FULL);
  });

  it('when the disks of a majority are full, answers nothing but 503 and 504, and comes back whole', async () => {
    const survivor = await aBackup();
    const [first, second] = others(survivor);
    faults.set(`ENOSPC grow,write ${on(first!)}`, `ENOSPC grow,write ${on(second!)}`);
    await Promise.all([endOf(first!, [survivor]), second!.ended()]);
    expect([503, 504]).toContain((await addTo(survivor.url))?.status);
    const read = await rest(`${survivor.url}/v1/counter/total`, 'GET', undefined, SOON);
    expect(read).toMatchObject({ status: 503, body: { code: 'no-primary' } });
  });

  it('finishes a promise of which only a part was written', async () => {
    const victim = await aBackup();
    const { number } = victim;
    const torn = ['a', 'b'].flatMap((copy) => [
      `SHORT write */replica-${number}/promise.${copy} times=1`,
      `ENOSPC write */replica-${number}/promise.${copy} times=1`,
    ]);
    faults.set(...torn);
    const primary = await group.primary();
    await primary.kill();
    await group.primary();
    expect(faults.hits.filter((hit) => hit.includes(`replica-${number}/promise`))).toHaveLength(4);
    await victim.kill();
  });
});

const isLog = (name: string): boolean => name.startsWith('replica.sqlite');
