import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { io, type Socket } from 'socket.io-client';
import * as parser from 'socket.io-msgpack-parser';
import { parse } from 'yaml';
import { GroupHarness, type ReplicaHandle } from './group-harness';
import { rest } from './rest-client';
import { SpanReceiver, type ReceivedSpan } from './span-receiver';

const ROOT = join(__dirname, '../..');
const PROGRAM = join(ROOT, 'apps/server/bin/lockstep.mjs');
const NOTE = 'a note for nobody else';
const VALUE = 'dmFsdWUgb2YgYSBsb2Nr';
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

jest.setTimeout(180_000);

describe('a group under observation', () => {
  let receiver: SpanReceiver;
  let group: GroupHarness;
  let primary: ReplicaHandle;
  let backup: ReplicaHandle;

  beforeAll(async () => {
    receiver = await SpanReceiver.start();
    const settings = `{log: {slowMs: 1}, tracing: {otlpUrl: "${receiver.url}", sampleRatio: 1}}`;
    group = await GroupHarness.start({ environment: () => ({ LOCKSTEP_SETTINGS: settings }) });
    primary = await group.primary();
    backup = (await group.backups())[0] as ReplicaHandle;
    await useLocks(primary.url);
  });
  afterAll(async () => {
    await group.stop();
    receiver.close();
  });

  describe('/metrics', () => {
    let metrics: Exposition;

    beforeAll(async () => {
      metrics = readExposition(await (await fetch(`${primary.url}/metrics`)).text());
    });

    it('says of every metric what it is', () => {
      const silent = [...metrics.types.keys()].filter((name) => !metrics.help.has(name));
      expect(silent).toEqual([]);
      expect(metrics.types.size).toBeGreaterThan(80);
    });

    it('is what docs/metrics.md lists', () => {
      const own = [...metrics.types.keys()].filter((name) => name.startsWith('lockstep_')).sort();
      expect(own).toEqual([...labelsByPage().keys()].sort());
      execFileSync(process.execPath, [join(ROOT, 'scripts/docs-metrics.mjs'), '--check']);
    });

    it('names counters, and only counters, with _total', () => {
      const wrong = [...metrics.types].filter(
        ([name, type]) =>
          name.startsWith('lockstep_') && (type === 'counter') !== name.endsWith('_total'),
      );
      expect(wrong).toEqual([]);
    });

    it('shows no label that the page does not list', () => {
      const page = labelsByPage();
      const unknown = metrics.samples.filter(({ name, labels }) => {
        const listed = page.get(familyOf(name, metrics));
        return listed !== undefined && labels.some((each) => !listed.has(each) && each !== 'le');
      });
      expect(unknown).toEqual([]);
    });

    it.each(['deploy/prometheus/alerts.yaml', 'deploy/grafana/lockstep.json'])(
      'has every metric that %s names, with those labels',
      (path) => {
        const page = labelsByPage();
        const wrong = expressionsIn(path)
          .flatMap(selectorsOf)
          .filter(({ name, labels }) => {
            if (name === 'up') return false;
            const family = familyOf(name, metrics);
            if (!metrics.types.has(family)) return true;
            const listed = page.get(family) ?? new Set<string>();
            return labels.some((each) => !BY_PROMETHEUS.has(each) && !listed.has(each));
          });
        expect(expressionsIn(path).length).toBeGreaterThan(10);
        expect(wrong).toEqual([]);
      },
    );
  });

  it('keeps a slow call with its request id and where the time went, and has one line for it', async () => {
    const id = 'a-request-that-is-slow';
    const slow = await until(async () => {
      await add(primary.url, { 'x-request-id': id });
      const { body } = await rest(`${primary.url}/v1/debug/slow`);
      const found = (body['slow'] as Record<string, unknown>[]).filter(
        (s) => s['requestId'] === id,
      );
      return found[0];
    });
    expect(slow).toMatchObject({
      call: 'operation',
      service: 'counter',
      kind: 'add',
      outcome: 'ok',
    });
    expect(slow).toMatchObject({
      stages: { waitMs: expect.any(Number) as number, commitMs: expect.any(Number) as number },
    });
  });

  it('logs as much as it is told to, from then on', async () => {
    const level = `${backup.url}/v1/debug/log-level`;
    expect((await rest(level)).body).toEqual({ level: 'info' });
    expect((await rest(level, 'PUT', { level: 'loud' })).body).toMatchObject({ field: 'level' });
    expect((await rest(level, 'PUT', { level: 'debug' })).body).toEqual({ level: 'debug' });
    await rest(`${backup.url}/v1/counter/seen`, 'GET', undefined, { 'x-request-id': 'seen-now' });
    const line = await until(() =>
      Promise.resolve(
        backup.log.split('\n').find((each) => /seen-now.*route|route.*seen-now/.test(each)),
      ),
    );
    expect(JSON.parse(line)).toMatchObject({ route: '/v1/counter/:name', status: 200 });
    expect((await rest(level, 'PUT', { level: 'info' })).body).toEqual({ level: 'info' });
  });

  it('tells an admin how it sees itself', async () => {
    const { body } = await rest(`${primary.url}/v1/debug/replica`);
    expect(body).toMatchObject({ view: { status: 'normal', serving: true } });
    expect(body).toHaveProperty('mailbox');
    const { body: events } = await rest(`${primary.url}/v1/debug/events`);
    expect(JSON.stringify(events)).toContain('the primary');
    const { body: figures } = await rest(`${primary.url}/v1/debug/process`);
    expect(figures).toMatchObject({ memory: { rss: expect.any(Number) as number } });
    const { body: profile } = await rest(`${primary.url}/v1/debug/cpu-profile?seconds=1`);
    expect(profile).toHaveProperty('nodes');
    expect((await rest(`${primary.url}/v1/debug/cpu-profile?seconds=31`)).status).toBe(400);
  });

  it('traces a request that comes through a backup, and its op at every replica', async () => {
    const traceId = randomBytes(16).toString('hex');
    const spanId = randomBytes(8).toString('hex');
    await add(backup.url, { traceparent: `00-${traceId}-${spanId}-01` });
    const spans = await receiver.wait(
      traceId,
      areNamed('POST /v1/counter/:name', 'group counter add', 'wait', 'commit', 'apply'),
    );
    const named = new Map(spans.map((span) => [span.name, span]));
    const door = named.get('POST /v1/counter/:name');
    const request = named.get('group counter add');
    expect(door?.parentSpanId).toBe(spanId);
    expect(request?.parentSpanId).toBe(door?.spanId);
    for (const stage of ['wait', 'commit', 'apply'])
      expect(named.get(stage)?.parentSpanId).toBe(request?.spanId);
    const opTrace = request?.links?.[0]?.traceId ?? '';
    const ofOp = await receiver.wait(
      opTrace,
      (found) =>
        new Set(found.map(({ sender }) => sender)).size === 3 &&
        found.some(({ sender, links }) => sender === request?.sender && links?.length),
    );
    const here = ofOp.find(({ sender, links }) => sender === request?.sender && links?.length);
    expect(here?.links).toMatchObject([{ traceId, spanId: request?.spanId }]);
  });

  it('traces an item of the client channel, and not what its sender does not want traced', async () => {
    const [wanted, unwanted] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];
    const item = (id: number, traceId: string, flags: string) => ({
      id,
      service: 'counter',
      op: { kind: 'add', name: 'n' },
      traceparent: `00-${traceId}-${'1'.repeat(16)}-${flags}`,
    });
    const answers = await send(primary.url, [
      item(1, unwanted, '00'),
      item(2, wanted, '01'),
      { ...item(3, wanted, '01'), traceparent: 'nonsense' },
    ]);
    expect(answers[2]).toMatchObject({ problem: { code: 'malformed', field: 'traceparent' } });
    await receiver.wait(wanted, areNamed('client counter add', 'group counter add', 'commit'));
    expect(receiver.spans.filter(({ traceId }) => traceId === unwanted)).toEqual([]);
  });

  it('is diagnosed in one command, also without a primary, and without its secrets', async () => {
    const survivor = backup;
    await Promise.all(
      group.replicas.filter((each) => each !== survivor).map((each) => each.kill()),
    );
    const file = join(group.folder, 'bundle.tar.gz');
    const urls = group.replicas.map(({ url }) => url).join(',');
    const made = lockstep('diagnose', '--url', urls, '--to', file, '--output', 'json');
    expect(made).toMatchObject({ status: 0 });
    expect(JSON.parse(made.stdout)).toMatchObject({ hasPrimary: false });
    const files = untar(gunzipSync(readFileSync(file)));
    const folder = new URL(survivor.url).host.replace(':', '_');
    for (const name of ['replica.json', 'log.json', 'metrics.txt', 'settings.json', 'process.json'])
      expect([...files.keys()]).toContain(`${folder}/${name}`);
    const summary = JSON.parse(files.get('summary.json') ?? '') as { replicas: unknown[] };
    expect(summary.replicas).toHaveLength(3);
    expect(summary).toMatchObject({ hasPrimary: false });
    const everything = [...files.values()].join('\n');
    const secret = readFileSync(join(survivor.dataFolder, 'secret'), 'utf8').trim();
    const forms = [secret, Buffer.from(secret, 'hex').toString('base64'), NOTE, VALUE];
    expect(forms.filter((each) => everything.includes(each))).toEqual([]);
    expect(lockstep('diagnose', '--url', urls, '--to', file)).toMatchObject({ status: 2 });
    await group.startAll();
  });

  it('leaves no bundle when nobody answers', () => {
    const file = join(group.folder, 'none.tar.gz');
    const made = lockstep('diagnose', '--url', 'http://127.0.0.1:1', '--to', file);
    expect(made).toMatchObject({ status: 69, stdout: '' });
  });
});

/** What the group is used for: a lock with a note and a value, of which nothing may be told. */
async function useLocks(url: string): Promise<void> {
  const { body } = await rest(`${url}/v1/sessions`, 'POST', { ttlMs: 600_000 });
  const session = body['id'];
  const { body: held } = await rest(`${url}/v1/locks/a-lock/acquire`, 'POST', {
    session,
    note: NOTE,
  });
  await rest(`${url}/v1/locks/a-lock/value`, 'PUT', {
    session,
    fence: held['fence'],
    value: VALUE,
  });
  await send(url, [{ id: 1, service: 'counter', query: { kind: 'get', name: 'n' } }]);
}

const areNamed =
  (...names: readonly string[]) =>
  (spans: readonly ReceivedSpan[]): boolean =>
    names.every((wanted) => spans.some(({ name }) => name === wanted));

const add = (url: string, headers: Record<string, string>) =>
  rest(`${url}/v1/counter/n`, 'POST', {}, headers);

async function send(url: string, items: readonly object[]): Promise<Record<string, unknown>[]> {
  const socket: Socket = io(`${url}/client`, { parser, transports: ['websocket'] });
  const answers: Record<string, unknown>[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on('connect_error', reject);
    socket.on('answers', (some: Record<string, unknown>[]) => {
      answers.push(...some);
      if (answers.length >= items.length) resolve();
    });
    socket.emit('requests', items);
  });
  socket.disconnect();
  return answers.sort((a, b) => Number(a['id']) - Number(b['id']));
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const endsMs = Date.now() + 60_000; Date.now() < endsMs;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('waited in vain');
}

function lockstep(...argv: readonly string[]): { status: number | null; stdout: string } {
  const { status, stdout } = spawnSync(process.execPath, [PROGRAM, ...argv], { encoding: 'utf8' });
  return { status, stdout };
}

/** Names and contents of an archive, by the field of its size alone. */
function untar(archive: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  for (let at = 0; archive[at] !== 0;) {
    const field = (from: number, to: number): string =>
      archive.toString('latin1', at + from, at + to).replace(/\0.*$/, '');
    const bytes = Number.parseInt(field(124, 136), 8);
    files.set(field(0, 100), archive.toString('utf8', at + 512, at + 512 + bytes));
    at += 512 * (1 + Math.ceil(bytes / 512));
  }
  return files;
}

interface Selector {
  readonly name: string;
  readonly labels: readonly string[];
}

interface Exposition {
  readonly types: ReadonlyMap<string, string>;
  readonly help: ReadonlySet<string>;
  readonly samples: readonly Selector[];
}

function readExposition(text: string): Exposition {
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  const help = [...text.matchAll(/^# HELP (\S+) (?=\S)/gm)];
  return {
    types: new Map(types.map(([, name = '', type = '']) => [name, type])),
    help: new Set(help.map(([, name = '']) => name)),
    samples: [...text.matchAll(/^([a-z]\w*)(?:\{(.*)\})? \S+$/gm)].map(
      ([, name = '', inner = '']) => ({
        name,
        labels: [...inner.matchAll(/(\w+)="/g)].map(([, label = '']) => label),
      }),
    ),
  };
}

/** A histogram is shown by three other names. */
function familyOf(name: string, { types }: Exposition): string {
  const family = name.replace(/_(bucket|sum|count)$/, '');
  return types.get(family) === 'histogram' ? family : name;
}

function labelsByPage(): Map<string, Set<string>> {
  const rows = textOf('docs/metrics.md').matchAll(/^\| `(\w+)` *\| \w+ *\|([^|]*)\|/gm);
  return new Map(
    [...rows].map(([, name = '', labels = '']) => [
      name,
      new Set([...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label)),
    ]),
  );
}

/** Given by Prometheus itself, or by a histogram. */
const BY_PROMETHEUS = new Set(['job', 'instance', 'le']);

function expressionsIn(path: string): string[] {
  const found: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value))
      if (key === 'expr' && typeof inner === 'string') found.push(inner);
      else look(inner);
  };
  look(parse(textOf(path)));
  return found;
}

/** Metrics in an expression of PromQL: the labels they are chosen by, and those it sums by. */
function selectorsOf(expression: string): Selector[] {
  const summed = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = '']) =>
    labels.split(',').map((label) => label.trim()),
  );
  const chosen = expression.matchAll(/\b((?:lockstep|process|nodejs)_\w+|up)\b(?:\{([^}]*)\})?/g);
  return [...chosen].map(([, name = '', inner = '']) => ({
    name,
    labels: [...inner.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)]
      .map(([, label = '']) => label)
      .concat(expression.match(/lockstep_\w+/g)?.length === 1 ? summed : []),
  }));
}
