#!/usr/bin/env node
/**
 * Records the folder of a replica as this version of the program leaves it, for test/server/data-folders.spec.ts: every later
 * version must open it, find the same state, and go on. A recorded folder is never recorded again once its version is out.
 *
 *     npm run build && node scripts/record-data-folder.mjs v0.1.0
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const { connect } = require(join(root, 'libs/client'));
const { initGroup } = require(join(root, 'apps/server/dist/group-folder/init-group.js'));
const PORT = 7399;
const URL_OF_IT = `http://127.0.0.1:${PORT}`;

const [name] = process.argv.slice(2);
if (!/^v\d+\.\d+\.\d+$/.test(name ?? '')) {
  process.stderr.write('usage: node scripts/record-data-folder.mjs vX.Y.Z (after npm run build)\n');
  process.exit(2);
}
const target = join(root, 'test/fixtures/data-folders', name);
const folder = await mkdtemp(join(tmpdir(), 'lockstep-record-'));
await initGroup({ folder, replicas: 1, host: '127.0.0.1', basePort: PORT, mode: 'durable' });
const data = join(folder, 'replica-0');
const replica = spawn(process.execPath, [join(root, 'apps/server/dist/main.js'), '--data', data], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
const ended = new Promise((resolve) => replica.once('exit', resolve));
const client = await connect({ endpoints: [URL_OF_IT], timeoutMs: 30_000 });

await fill('before');
await send('POST', '/v1/cluster/checkpoint');
// What follows is in the log alone.
await fill('after');
const files = await (await fetch(`${URL_OF_IT}/v1/fs/main/digest?consistency=stale`)).json();

replica.kill('SIGKILL');
await ended;
client.abandon();
await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
await cp(data, join(target, 'replica-0'), { recursive: true });
await writeFile(
  join(target, 'expected.json'),
  `${JSON.stringify({ op: files.op, files: files.digest, counter: 84 }, null, 2)}\n`,
);
await rm(folder, { recursive: true, force: true });
process.stdout.write(`${target}\n`);

/** Sessions, locks held and waited for, files with content and a past, counters. */
async function fill(round) {
  await client.counters.add('recorded', 42);
  const holder = await client.openSession({ ttlMs: 3_600_000, name: `holder ${round}` });
  const waiter = await client.openSession({ ttlMs: 3_600_000, name: `waiter ${round}` });
  await holder.locks.acquire(`held/${round}`);
  await holder.locks.acquire(`shared/${round}`, { mode: 'shared' });
  waiter.locks.acquire(`held/${round}`, { waitMs: 3_600_000 }).catch(() => undefined);
  await holder.files.mkdir(`/${round}`, { mode: 0o755 });
  await send('PUT', `/v1/fs/main/content/${round}/text`, `content of ${round}`);
  await send('POST', '/v1/fs/main/snapshots', { name: round });
  await send('PUT', `/v1/fs/main/content/${round}/text`, `changed ${round}`);
  await holder.files.mkdir(`/${round}/empty`, { mode: 0o700 });
  await holder.files.rename(`/${round}/empty`, `/${round}/renamed`);
}

async function send(method, path, body) {
  const isText = typeof body === 'string';
  const answer = await fetch(`${URL_OF_IT}${path}`, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': isText ? 'application/octet-stream' : 'application/json' },
      body: isText ? body : JSON.stringify(body),
    }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}
