import { GroupHarness } from './group-harness';
import { rest, type RestAnswer } from './rest-client';

jest.setTimeout(300_000);

interface Attempt {
  readonly key: string;
  readonly path: string;
  readonly method: string;
  readonly body: object | undefined;
}

/** Retries meet replicas that are starting, or that look for a primary. */
const PASSING = new Set([503, 504]);

describe('files while replicas die', () => {
  let group: GroupHarness;

  beforeAll(async () => {
    group = await GroupHarness.start();
  });
  afterAll(() => group.stop());

  const doors = (): readonly string[] => group.replicas.map(({ url }) => `${url}/v1/fs/main`);

  async function send({ key, path, method, body }: Attempt, door: string): Promise<RestAnswer> {
    const headers = { 'idempotency-key': key };
    return rest(`${door}${path}`, method, body, headers);
  }

  /** Until it is known what has become of it, under its one name, at one door after the other. */
  async function insist(attempt: Attempt, first: number): Promise<RestAnswer> {
    for (let at = first; at < first + 60; at += 1) {
      const door = doors()[at % 3] ?? '';
      const answer = await send(attempt, door).catch(() => undefined);
      if (answer !== undefined && !PASSING.has(answer.status)) return answer;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no answer to ${attempt.key}`);
  }

  /** Sixty of each at once, and the primary dies among them: each is asked again until it is answered. */
  async function throughAKill(attempts: readonly Attempt[]): Promise<readonly RestAnswer[]> {
    const all = Promise.all(attempts.map((attempt, at) => insist(attempt, at)));
    await (await group.primary()).kill();
    const answers = await all;
    await group.startAll();
    return answers;
  }

  const each = (make: (at: number) => Omit<Attempt, 'key'>, name: string): Attempt[] =>
    Array.from({ length: 60 }, (_, at) => ({ key: `${name}-${at}`, ...make(at) }));

  it('gives a retry the first answer: create, link, rename, unlink', async () => {
    const created = await throughAKill(
      each(
        (at) => ({
          path: '/ops',
          method: 'POST',
          body: { ops: [{ kind: 'create', path: `/f${at}`, exclusive: true }], atomic: true },
        }),
        'create',
      ),
    );
    expect(problemsOf(created)).toEqual([]);
    const linked = await throughAKill(
      each(
        (at) => ({ path: '/link', method: 'POST', body: { from: `/f${at}`, to: `/l${at}` } }),
        'link',
      ),
    );
    expect(problemsOf(linked)).toEqual([]);
    const renamed = await throughAKill(
      each(
        (at) => ({ path: '/rename', method: 'POST', body: { from: `/f${at}`, to: `/r${at}` } }),
        'rename',
      ),
    );
    expect(problemsOf(renamed)).toEqual([]);
    const removed = await throughAKill(
      each((at) => ({ path: `/path/l${at}`, method: 'DELETE', body: undefined }), 'unlink'),
    );
    expect(problemsOf(removed)).toEqual([]);
    const { body } = await rest(`${doors()[0]}/entries/?limit=1000&plus=1`);
    const entries = body['entries'] as { name: string; attributes: { nlink: number } }[];
    expect(entries.map(({ name }) => name).sort()).toEqual(
      Array.from({ length: 60 }, (_, at) => `r${at}`).sort(),
    );
    expect(new Set(entries.map(({ attributes }) => attributes.nlink))).toEqual(new Set([1]));
  });

  it('stays a tree on every replica through thousands of swaps of directories', async () => {
    const [door = ''] = doors();
    const names = Array.from({ length: 12 }, (_, at) => `d${at}`);
    await rest(`${door}/ops`, 'POST', {
      ops: names.map((name) => ({ kind: 'mkdir', path: `/${name}` })),
    });
    let random = 7;
    const next = (below: number): number => {
      random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((random / 2 ** 31) * below);
    };
    const pathOf = (): string =>
      Array.from({ length: 1 + next(3) }, () => `/${names[next(names.length)]}`).join('');
    const swap = (): object => ({
      kind: 'rename',
      from: pathOf(),
      to: pathOf(),
      // An empty directory that is replaced would be gone.
      flags: [next(2) === 0 ? 'exchange' : 'noreplace'],
    });
    // Single swaps, from three doors at once, each many times in flight with the others.
    const worker = async (at: number): Promise<void> => {
      for (let count = 0; count < 125; count += 1) {
        const many = Array.from({ length: 4 }, () =>
          rest(`${doors()[at % 3]}/rename`, 'POST', { ...swap(), kind: undefined }),
        );
        await Promise.all(many);
      }
    };
    await Promise.all(Array.from({ length: 6 }, (_, at) => worker(at)));
    const summary = await rest(`${door}/summary/`);
    expect(summary.body).toMatchObject({ directories: names.length });
    const op = Number(summary.headers.get('lockstep-op'));
    const digests = new Set<unknown>();
    for (const each of doors()) {
      const read = `consistency=stale&minOp=${op}`;
      expect(await countedBelow(each, '', read)).toBe(names.length);
      digests.add((await rest(`${each}/digest`)).body['digest']);
    }
    expect(digests.size).toBe(1);
  });

  async function countedBelow(door: string, path: string, read: string): Promise<number> {
    const { body } = await rest(`${door}/entries${path}/?${read}`);
    const entries = body['entries'] as { name: string; type: string }[];
    let count = 0;
    for (const { name, type } of entries)
      if (type === 'dir') count += 1 + (await countedBelow(door, `${path}/${name}`, read));
    return count;
  }
});

/** What was not done: the codes, with what they were about. */
function problemsOf(answers: readonly RestAnswer[]): unknown[] {
  return answers
    .map(({ status, body }) => {
      const [first] = (body['results'] ?? []) as { problem?: object }[];
      return status >= 400 ? body : first?.problem;
    })
    .filter((problem) => problem !== undefined);
}
