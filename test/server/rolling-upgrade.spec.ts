import { join } from 'node:path';
import { connect, type Client } from '@lockstep/client';
import { GroupHarness, type ReplicaHandle } from './group-harness';
import { rest } from './rest-client';

const PATIENCE_MS = 60_000;
/** The program as it is, with the next version of its protocol and of the group besides. */
const NEXT = { NODE_OPTIONS: `--import ${join(__dirname, 'next-version.mjs')}` };
const NOW = {};

describe('a group whose program is replaced, one replica after the other', () => {
  let group: GroupHarness;
  let client: Client;

  beforeAll(async () => {
    group = await GroupHarness.start();
    client = await connect({ endpoints: group.replicas.map(({ url }) => url) });
  }, PATIENCE_MS);

  afterAll(async () => {
    await client.close();
    await group.stop();
  });

  /** As systemd does it: the old one ends in good order, the new one begins. */
  const replace = async (replica: ReplicaHandle, program: Record<string, string>) => {
    expect(await replica.terminate()).toBe(0);
    replica.spawn(program);
    await group.startAll();
  };

  const raise = () =>
    rest(`${group.replicas[0]?.url ?? ''}/v1/cluster/version`, 'POST', { version: 2 });

  it(
    'serves all the while, forth and back, and loses nothing; works at the new version when all know it, and not before',
    async () => {
      const over = new AbortController();
      let added = 0;
      const load = (async () => {
        for (; !over.signal.aborted; added += 1) await client.counters.add('n', 1);
      })();
      const primary = await group.primary();
      const backups = await group.backups();
      for (const replica of backups) await replace(replica, NEXT);
      const refused = await raise();
      expect(refused).toMatchObject({ status: 409, body: { code: 'upgrade-incomplete' } });
      expect(refused.body['behind']).toHaveLength(1);
      await replace(primary, NEXT);
      for (const replica of backups.slice(0, 1)) {
        await replace(replica, NOW);
        await replace(replica, NEXT);
      }
      over.abort();
      await load;
      expect(added).toBeGreaterThan(0);
      expect(await client.counters.add('n', 0)).toBe(added);

      expect(await raise()).toMatchObject({ status: 200, body: { version: 2 } });
      const own = await rest(`${primary.url}/v1/cluster/replica`);
      expect(own.body).toMatchObject({ groupVersions: { lowest: 1, highest: 2 } });
    },
    3 * PATIENCE_MS,
  );

  it(
    'lets no older program back in then, which says why and ends',
    async () => {
      const [backup] = await group.backups();
      if (backup === undefined) throw new Error('there is no backup');
      await backup.terminate();
      backup.spawn(NOW);
      expect(await backup.ended()).toBe(70);
      expect(backup.farewell).toMatch(
        /the group works at version 2, and this program knows 1 to 1: start a program that knows it/,
      );
      backup.spawn(NEXT);
      await group.startAll();
    },
    PATIENCE_MS,
  );
});
