import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type Client } from '../../libs/client/src/index';
import { replicaFolder } from '../../apps/server/src/group-folder/group';
import type { GroupFile } from '../../apps/server/src/group-folder/group-file';
import { rest, type RestAnswer } from './rest-client';
import { SupervisedGroup } from './supervised-group';

const MINUTES = 60_000;

/** The paper's §7 on real processes: `npm start`, `npm run join`, `npm run reconfigure`, `npm run leave`. */
describe('a group that changes while it works (VRR §7)', () => {
  let group: SupervisedGroup;
  let client: Client;
  let writer: Writer;
  /** The replicas that the client was told of at first. */
  let born: readonly string[];

  beforeAll(async () => {
    group = await SupervisedGroup.start();
    born = group.urls;
    client = await connect({ endpoints: born, timeoutMs: MINUTES });
    writer = new Writer(client);
  }, 2 * MINUTES);

  afterAll(async () => {
    await writer.stop();
    client.abandon();
    await group.stop();
  }, MINUTES);

  const cluster = async (number: number): Promise<RestAnswer['body']> =>
    (await rest(`${group.urlOf(number)}/v1/cluster`)).body;

  const idsOf = (answer: RestAnswer['body'], role: string): unknown[] =>
    (answer['replicas'] as { id: string; role: string }[])
      .filter((replica) => replica.role === role)
      .map(({ id }) => id);

  it(
    'lets a node follow that has no vote, and says so at its door',
    async () => {
      const numbers = [await group.join(), await group.join()];
      expect(numbers).toEqual([3, 4]);
      await group.hasRole(3, 'joining');
      await group.hasRole(4, 'joining');
      const seen = await cluster(0);
      expect(idsOf(seen, 'joining')).toEqual([group.idOf(3), group.idOf(4)]);
      expect(seen).toMatchObject({ epoch: 0, f: 1, quorum: 2 });
      const refused = await rest(`${group.urlOf(3)}/v1/counter/any`, 'POST', {});
      expect(refused).toMatchObject({ status: 503, body: { code: 'joining', epoch: 0 } });
      expect(refused.body['replicas']).toHaveLength(3);
    },
    MINUTES,
  );

  it.each<[string, () => object, number, string]>([
    ['a replica nobody knows', () => ({ replicas: ids('r9-nobody') }), 422, 'unknown-replica'],
    ['two replicas', () => ({ replicas: ids(0, 1) }), 422, 'group-size'],
    ['a replica named twice', () => ({ replicas: ids(0, 1, 2, 2) }), 422, 'repeated-node'],
    [
      'too many witnesses',
      () => ({
        replicas: [...ids(0), ...[3, 4].map((n) => ({ id: group.idOf(n), role: 'witness' }))],
      }),
      422,
      'witness-count',
    ],
  ])('refuses %s, with the reason, and nothing changes', async (_, body, status, code) => {
    const refused = await propose(1, body());
    expect(refused).toMatchObject({ status, body: { code: 'reconfiguration-invalid' } });
    const reasons = refused.body['reasons'] as { code: string }[];
    expect(reasons.map((reason) => reason.code)).toContain(code);
    expect((await cluster(1))['epoch']).toBe(0);
  });

  it('refuses fields it does not know, and what it does not do', async () => {
    expect(await propose(1, { replicas: ids(0, 1, 2), fast: true })).toMatchObject({ status: 400 });
    expect(await propose(1, { replicas: ids(0, 1, 2), force: true })).toMatchObject({
      status: 501,
      body: { field: 'force' },
    });
    const unknown = await rest(`${group.urlOf(0)}/v1/cluster/reconfigurations/77`);
    expect(unknown).toMatchObject({ status: 404, body: { code: 'unknown-reconfiguration' } });
  });

  it(
    'becomes five, asked at a backup, and answers how far it is',
    async () => {
      const begun = await propose(2, { replicas: ids(0, 1, 2, 3, 4) });
      expect(begun).toMatchObject({ status: 202, body: { id: '1' } });
      expect(begun.headers.get('location')).toBe('/v1/cluster/reconfigurations/1');
      await done(0, '1');
      expect(await cluster(4)).toMatchObject({ epoch: 1, f: 2, quorum: 3 });
      expect(idsOf(await cluster(3), 'active')).toHaveLength(5);
      await writer.goesOn();
    },
    MINUTES,
  );

  it(
    'becomes three others, and the old ones point to them',
    async () => {
      for (let n = 0; n < 3; n += 1) await group.join();
      for (const number of [5, 6, 7]) await group.hasRole(number, 'joining');
      await group.run(['reconfigure', '--replicas', '5,6,7']);
      for (const number of [0, 1, 2, 3, 4]) await group.hasRole(number, 'retired');
      const moved = await rest(`${group.urlOf(0)}/v1/counter/any`, 'POST', {});
      expect(moved).toMatchObject({ status: 410, body: { code: 'moved', epoch: 2 } });
      const named = moved.body['replicas'] as { url: string }[];
      expect(named.map(({ url }) => url)).toEqual([5, 6, 7].map((number) => group.urlOf(number)));
      expect((await rest(`${group.urlOf(1)}/health/ready`)).status).toBe(503);
      const checked = await rest(`${group.urlOf(6)}/v1/cluster/check-epoch`);
      expect(checked.body).toMatchObject({ epoch: 2, isStarted: true });
      expect(checked.body['mayBeStopped']).toEqual([0, 1, 2, 3, 4].map((n) => group.idOf(n)));
      await writer.goesOn();
    },
    2 * MINUTES,
  );

  it(
    'is found by a client that knows only replicas that have been replaced',
    async () => {
      const late = await connect({ endpoints: born, timeoutMs: MINUTES });
      expect(await late.counters.add('late')).toBe(1);
      expect([5, 6, 7].map((number) => group.urlOf(number))).toContain(late.endpoint);
      await late.close();
    },
    MINUTES,
  );

  it(
    'lets no member leave, and stops those that may',
    async () => {
      await expect(group.run(['leave', '--replica', '5'])).rejects.toThrow(/is a member/);
      for (const number of [0, 1, 2, 3, 4]) await group.run(['leave', '--replica', `${number}`]);
      await group.until('group.json', () => group.file.replicas.length === 3);
      expect(group.file.replicas.map(({ role, pid }) => [role, pid !== null])).toEqual(
        Array.from({ length: 3 }, () => ['active', true]),
      );
      expect(await readdir(replicaFolder(group.folder, 0))).toContain('left');
      await writer.goesOn();
    },
    MINUTES,
  );

  it(
    'lets members change roles, one way and the other, and restart in them',
    async () => {
      await group.run(['reconfigure', '--witness', '7']);
      await group.hasRole(7, 'witness');
      await writer.goesOn();
      await group.run(['reconfigure', '--witness', '6', '--active', '7']);
      await group.hasRole(6, 'witness');
      await group.hasRole(7, 'active');
      const refused = await rest(`${group.urlOf(6)}/v1/counter/any`, 'POST', {});
      expect(refused).toMatchObject({ status: 503, body: { code: 'witness', epoch: 4 } });
      await writer.goesOn();
      for (const number of [6, 7]) await group.kill(number);
      await writer.goesOn();
      expect(await cluster(7)).toMatchObject({ epoch: 4, f: 1, quorum: 2 });
    },
    2 * MINUTES,
  );

  it('remembers the epochs that were', async () => {
    const { body } = await rest(`${group.urlOf(5)}/v1/cluster/epochs`);
    const epochs = body['epochs'] as { epoch: number; replicas: { replicaNumber: number }[] }[];
    expect(
      epochs.map(({ epoch, replicas }) => [
        epoch,
        replicas.map((replica) => replica.replicaNumber).sort(),
      ]),
    ).toEqual([
      [1, [0, 1, 2, 3, 4]],
      [2, [5, 6, 7]],
      [3, [5, 6, 7]],
      [4, [5, 6, 7]],
    ]);
    const { body: views } = await rest(`${group.urlOf(5)}/v1/cluster/views`);
    expect((views['views'] as unknown[]).length).toBeGreaterThan(0);
    const taken = await rest(`${group.urlOf(7)}/v1/cluster/checkpoint`, 'POST');
    expect(taken.status).toBe(202);
  });

  it(
    'has lost nothing',
    async () => {
      const { files, counted, rounds, faults } = await writer.result();
      expect(faults).toEqual([]);
      expect(rounds).toBeGreaterThan(10);
      expect(files).toBe(rounds);
      expect(counted).toBe(rounds);
    },
    MINUTES,
  );

  it(
    'starts again as it was, without those that have left',
    async () => {
      await writer.stop();
      await group.restart();
      const again = await connect({ endpoints: group.urls, timeoutMs: MINUTES });
      expect(await again.counters.get('written')).toBe((await writer.result()).rounds);
      await again.close();
      const seen = await cluster(6);
      expect(seen).toMatchObject({ epoch: 4 });
      expect(existsSync(join(group.folder, 'group.json'))).toBe(true);
      const file = JSON.parse(readFileSync(join(group.folder, 'group.json'), 'utf8')) as GroupFile;
      expect(file.replicas.map(({ id }) => id)).toEqual([5, 6, 7].map((n) => group.idOf(n)));
    },
    2 * MINUTES,
  );

  const ids = (...numbers: (number | string)[]) =>
    numbers.map((number) => ({ id: typeof number === 'string' ? number : group.idOf(number) }));

  const propose = (number: number, body: object, key?: string): Promise<RestAnswer> =>
    rest(
      `${group.urlOf(number)}/v1/cluster/reconfigurations`,
      'POST',
      body,
      key === undefined ? {} : { 'idempotency-key': key },
    );

  const done = (number: number, id: string): Promise<void> =>
    group.until(`reconfiguration ${id}`, async () => {
      const found = await rest(`${group.urlOf(number)}/v1/cluster/reconfigurations/${id}`);
      return found.body['phase'] === 'done';
    });
});

/** Makes a file and counts, again and again, whatever happens to the group. */
class Writer {
  private readonly client: Client;
  private readonly work: Promise<void>;
  private rounds = 0;
  private readonly faults: unknown[] = [];
  private stopping = false;
  private readonly waiting: (() => void)[] = [];

  constructor(client: Client) {
    this.client = client;
    this.work = this.write().catch((fault: unknown) => {
      this.faults.push(fault);
    });
  }

  /** Resolves when something has been written that was not begun before this call. */
  async goesOn(): Promise<void> {
    const { rounds } = this;
    while (this.rounds < rounds + 2 && this.faults.length === 0)
      await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.work;
  }

  async result() {
    await this.stop();
    let files = 0;
    const { rounds, faults } = this;
    if (this.kept === undefined) {
      for await (const _ of this.client.files.entries('/written')) files += 1;
      this.kept = { files, counted: await this.client.counters.get('written') };
    }
    return { ...this.kept, rounds, faults };
  }

  private kept: { readonly files: number; readonly counted: number } | undefined;

  private async write(): Promise<void> {
    const session = await this.client.openSession({ ttlMs: MINUTES });
    await session.files.mkdir('/written');
    while (!this.stopping) {
      await session.files.create(`/written/${this.rounds}`, { exclusive: true });
      await session.counters.add('written');
      this.rounds += 1;
      for (const resolve of this.waiting.splice(0)) resolve();
    }
  }
}
