import { rest } from './plain-request';

/** Fields that tell of the time of the question, or how far the log has come. */
const OF_THE_MOMENT: ReadonlySet<string> = new Set([
  'expiresInMs',
  'sinceMs',
  'openForMs',
  'waitLeftMs',
  'ageMs',
  'claimLeftMs',
  'maxHoldLeftMs',
  'leftMs',
  'op',
  'sequencer',
]);

const LISTS = [
  '/v1/fs/main/digest',
  '/v1/sessions?limit=1000',
  '/v1/locks?limit=1000',
  '/v1/locks/graph',
  '/v1/locks/door',
  '/v1/locks/sem',
  '/v1/elections/a',
  '/v1/latches/a',
  '/v1/counter/a',
  '/v1/fs',
  '/v1/fs/main/snapshots',
  '/v1/fs/main/trash',
  '/v1/cluster/epochs',
];

/**
 * All that can be asked of the state: the digest of the files with what refers to it, and the lists of everything else. No
 * op-number: a refusal that the state machine gives is an entry of the log like any other, and executes to nothing.
 */
export async function stateOf(url: string, more = ''): Promise<string> {
  const answers = await Promise.all(
    LISTS.map(async (path) => {
      const query =
        more === '' || path.includes('/digest') ? '' : path.includes('?') ? `&${more}` : `?${more}`;
      const { status, body } = await rest(`${url}${path}${query}`);
      return { path, status, body: withoutMoment(body) };
    }),
  );
  return answers.map((answer) => JSON.stringify(answer)).join('\n');
}

function withoutMoment(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMoment);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([name]) => !OF_THE_MOMENT.has(name));
  return Object.fromEntries(fields.map(([name, inner]) => [name, withoutMoment(inner)]));
}

/** The lines that differ. */
export function differenceOf(before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const lines = old.flatMap((line, at) =>
    line === now[at] ? [] : [`- ${line}\n+ ${now[at] ?? ''}`],
  );
  return lines.join('\n').slice(0, 4_000);
}

const DAY_MS = 86_400_000;

/** As it is in a new group. */
const MAIN = {
  flavour: 'linux',
  readOnly: false,
  inodesMax: 0,
  bytesMax: 0,
  nameMax: 255,
  historyOps: 1_000,
  historyBytes: 1 << 20,
  historyMs: 0,
  trashMs: 0,
};

/** Another of the requests may have made it so narrow that nothing gets in. */
export async function restoreMain(url: string): Promise<void> {
  await rest(`${url}/v1/fs/main`, 'PUT', MAIN);
}

type JsonBody = Readonly<Record<string, unknown>>;

/**
 * Something of everything, that no time changes: whoever changes it has done something. What is there already stays as it
 * is.
 */
export async function setScene(url: string): Promise<void> {
  const done = async (path: string, method: string, body: unknown): Promise<JsonBody> =>
    (await rest(`${url}${path}`, method, body)).body;
  const [holder, waiter] = [
    await done('/v1/sessions', 'POST', { ttlMs: DAY_MS, name: 'holder' }),
    await done('/v1/sessions', 'POST', { ttlMs: DAY_MS, name: 'waiter' }),
  ].map(({ id }) => id);
  await done('/v1/locks/door/acquire', 'POST', { session: holder, owner: 'scene' });
  await done('/v1/locks/door/acquire', 'POST', { session: waiter, owner: 'scene', waitMs: DAY_MS });
  await done('/v1/locks/sem/acquire', 'POST', {
    session: holder,
    owner: 'scene',
    mode: 'permit',
    permits: 1,
    limit: 2,
  });
  await done('/v1/elections/a/campaign', 'POST', { session: holder, owner: 'scene', value: 'ann' });
  await done('/v1/latches/a', 'PUT', { count: 3 });
  await done('/v1/counter/a', 'POST', { by: 5 });
  await done('/v1/fs/main/path/d/e', 'PUT', { type: 'dir', parents: true });
  await done('/v1/fs/main/path/d/f', 'PUT', { type: 'file', contentBase64: 'aGVsbG8=' });
  await done('/v1/fs/main/path/f', 'PUT', { type: 'file' });
  await done('/v1/fs/main/path/l', 'PUT', { type: 'symlink', target: 'f' });
}
