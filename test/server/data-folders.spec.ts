import { createHash } from 'node:crypto';
import { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROMISE_BYTES } from '../../apps/server/src/storage/promise-record';
import { seal, unseal } from '../../apps/server/src/storage/sealed';
import { expectBuilt } from './built-server';
import { freePorts, ReplicaHandle } from './group-harness';
import { rest } from './rest-client';

const RECORDED = join(__dirname, '..', 'fixtures', 'data-folders');
const PATIENCE_MS = 60_000;

interface Expected {
  readonly files: string;
  readonly counter: number;
}

/** Every version that has been out: written by scripts/record-data-folder.mjs, and never again. */
describe.each(['v0.1.0'])('the folder of a replica as %s has left it', (version) => {
  let folder: string;
  let replica: ReplicaHandle;

  beforeEach(async () => {
    expectBuilt();
    folder = await mkdtemp(join(tmpdir(), 'lockstep-recorded-'));
    await cp(join(RECORDED, version), folder, { recursive: true });
    // What git does not keep.
    await chmod(join(folder, 'replica-0', 'secret'), 0o600);
    const port = await freePorts(1);
    const environment = { LOCKSTEP_PORT: `${port}` };
    replica = new ReplicaHandle(folder, 0, port, { logLevel: 'info', scheme: 'http', environment });
  });

  afterEach(async () => {
    await replica.kill();
    await rm(folder, { recursive: true, force: true });
  });

  const get = async (path: string) => (await rest(`${replica.url}${path}`)).body;

  it(
    'is served with the same state, and goes on from there',
    async () => {
      const expected = JSON.parse(
        await readFile(join(folder, 'expected.json'), 'utf8'),
      ) as Expected;
      replica.spawn();
      await replica.serves();
      expect(await get('/v1/fs/main/digest?consistency=stale')).toMatchObject({
        digest: expected.files,
      });
      for (const round of ['before', 'after']) {
        const lock = await get(`/v1/locks/${encodeURIComponent(`held/${round}`)}`);
        expect(lock).toMatchObject({ holders: [{ mode: 'exclusive' }], waiters: [{}] });
        const path = `${replica.url}/v1/fs/main/content/${round}/text`;
        expect(await (await fetch(path)).text()).toBe(`changed ${round}`);
        const past = await fetch(`${path}?snapshot=${round}`);
        expect(await past.text()).toBe(`content of ${round}`);
      }
      const key = { 'idempotency-key': 'one-more' };
      const add = () => rest(`${replica.url}/v1/counter/recorded`, 'POST', { by: 1 }, key);
      expect((await add()).body).toMatchObject({ value: expected.counter + 1 });
      await replica.kill();
      replica.spawn();
      await replica.serves();
      expect((await add()).body).toMatchObject({ value: expected.counter + 1 });
    },
    PATIENCE_MS,
  );

  it.each<[string, () => Promise<void>, RegExp]>([
    [
      'promise',
      async () => {
        for (const name of ['promise.a', 'promise.b']) {
          const path = join(folder, 'replica-0', name);
          const body = Buffer.from(unseal(await readFile(path)) ?? []);
          body[0] = 99;
          await writeFile(path, seal(body, PROMISE_BYTES));
        }
      },
      /^promise\.a was written by another version of the program: formatVersion: is 99, and this program knows \d+/,
    ],
    [
      'identity',
      async () => {
        const path = join(folder, 'replica-0', 'identity.json');
        const json = JSON.parse(await readFile(path, 'utf8')) as object;
        await writeFile(path, JSON.stringify({ ...json, formatVersion: 99 }));
      },
      /identity\.json has format 99, and this program knows \d+/,
    ],
  ])(
    'is refused with a newer %s, in one line, and not changed',
    async (_, change, line) => {
      await change();
      const before = await digestOf(join(folder, 'replica-0'));
      replica.spawn();
      expect(await replica.ended()).toBe(2);
      expect(replica.farewell).toMatch(line);
      expect(await digestOf(join(folder, 'replica-0'))).toEqual(before);
    },
    PATIENCE_MS,
  );
});

async function digestOf(folder: string): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const name of (await readdir(folder)).sort())
    digests[name] = createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex');
  return digests;
}
