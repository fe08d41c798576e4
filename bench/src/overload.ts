import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Client } from '@lockstep/client';
import { Group } from '../../demo/dist/group';
import { helpText, parseFlags, UsageError, wholeNumber, type Flags } from '../../demo/dist/options';
import type { Offer, Offered } from './overload/offer';

const FLAGS: Flags = {
  door: { type: 'string', value: 'DOOR', help: 'channel or rest', fallback: 'channel' },
  times: { type: 'string', value: 'N', help: 'what is offered, in what it can do', fallback: '5' },
  seconds: { type: 'string', value: 'N', help: 'of overload', fallback: '20' },
  json: { type: 'boolean', help: 'print nothing but the result, as JSON' },
  help: { type: 'boolean', help: 'print this' },
};

const ABOUT = `What a group does when more is asked of it than it can do. A real group of three (durable) is
first driven by as much as it takes without refusing, which gives its rate; then it is offered
several times that, from another process that never waits; then half of it again. Beside all of
it twenty sessions of 3 s hold a lock each. Printed: what was done a second and how it compares
with the rate, how soon the rest was refused, sessions lost, views. On one machine the generator
takes its share of the cores: read the ratios.

Exit code: 0 nothing was lost and the rate came back, 1 something was, 2 a wrong flag.`;

const CALM_SECONDS = 5;
const SESSIONS = 20;
const SESSION_TTL_MS = 3_000;

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags['help'] === true) {
    process.stdout.write(helpText('npm run bench:overload -- [flags]', FLAGS, ABOUT));
    return 0;
  }
  const { door } = flags;
  if (door !== 'channel' && door !== 'rest') throw new UsageError('--door must be channel or rest');
  const times = wholeNumber('times', flags['times'], [1, 100]);
  const seconds = wholeNumber('seconds', flags['seconds'], [1, 3_600]);
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-overload-'));
  const group = await Group.start(join(folder, 'group'));
  const generator = fork(join(__dirname, 'overload', 'generator.js'), {
    serialization: 'advanced',
  });
  try {
    const result = await measure({ group, generator, door, times, seconds });
    process.stdout.write(flags['json'] === true ? `${JSON.stringify(result)}\n` : show(result));
    return result.sessionsLost === 0 && result.after.done > 0.9 * result.after.sent ? 0 : 1;
  } finally {
    generator.disconnect();
    await group.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Run {
  readonly group: Group;
  readonly generator: ChildProcess;
  readonly door: Offer['door'];
  readonly times: number;
  readonly seconds: number;
}

interface Result {
  readonly ratePerSecond: number;
  readonly offeredPerSecond: number;
  readonly before: Offered;
  readonly during: Offered;
  readonly after: Offered;
  readonly seconds: number;
  readonly sessionsLost: number;
  readonly viewsBegun: number;
}

async function measure({ group, generator, door, times, seconds }: Run): Promise<Result> {
  const { urls } = group;
  const holders = await holdLocks(urls);
  const offer = (rate: number, forSeconds: number): Promise<Offered> =>
    ask(generator, {
      door,
      urls,
      rate,
      seconds: forSeconds,
      unansweredMax: door === 'rest' ? 1_500 : 20_000,
    });
  // Closed by its bound on what is unanswered: as much as it takes.
  const closed = (forSeconds: number): Promise<Offered> =>
    ask(generator, { door, urls, rate: 1e6, seconds: forSeconds, unansweredMax: 256 });
  await closed(CALM_SECONDS);
  const rate = (await closed(CALM_SECONDS)).done / CALM_SECONDS;
  const viewBefore = await viewOf(urls);
  const before = await offer(Math.round(rate / 2), CALM_SECONDS);
  const during = await offer(Math.round(rate * times), seconds);
  const after = await offer(Math.round(rate / 2), CALM_SECONDS);
  const sessionsLost = await holders.end();
  return {
    ratePerSecond: rate,
    offeredPerSecond: rate * times,
    before,
    during,
    after,
    seconds,
    sessionsLost,
    viewsBegun: (await viewOf(urls)) - viewBefore,
  };
}

function ask(generator: ChildProcess, offer: Offer): Promise<Offered> {
  return new Promise((resolve) => {
    generator.once('message', (offered: Offered) => {
      resolve(offered);
    });
    generator.send(offer);
  });
}

/** Sessions that hold a lock each; `end` says how many lost theirs. */
async function holdLocks(urls: readonly string[]): Promise<{ end(): Promise<number> }> {
  const client: Client = await connect({ endpoints: urls, timeoutMs: 60_000 });
  const sessions = await Promise.all(
    Array.from({ length: SESSIONS }, () => client.openSession({ ttlMs: SESSION_TTL_MS })),
  );
  const locks = await Promise.all(sessions.map((session, n) => session.locks.acquire(`held-${n}`)));
  return {
    end: async () => {
      const lost = locks.filter((lock) => lock.signal.aborted).length;
      await client.close();
      return lost;
    },
  };
}

async function viewOf(urls: readonly string[]): Promise<number> {
  const answer = await fetch(`${urls[0] ?? ''}/v1/cluster`);
  return ((await answer.json()) as { readonly view: number }).view;
}

function show(result: Result): string {
  const { ratePerSecond, offeredPerSecond, before, during, after, seconds } = result;
  const row = (name: string, part: Offered, forSeconds: number): string =>
    [
      name.padEnd(8),
      (part.sent / forSeconds).toFixed(0).padStart(9),
      (part.done / forSeconds).toFixed(0).padStart(9),
      `${((100 * part.done) / forSeconds / ratePerSecond).toFixed(0)}%`.padStart(6),
      ms(part.doneMs.p50),
      ms(part.doneMs.p99),
      ms(part.refusedMs.p50),
      ms(part.refusedMs.p99),
      `  ${JSON.stringify(part.refused)}${part.keptBack > 0 ? ` kept back ${part.keptBack}` : ''}`,
    ].join(' ');
  return `rate ${ratePerSecond.toFixed(0)} a second, offered ${offeredPerSecond.toFixed(0)}
            offered      done  ofrate  done p50      p99 refused p50  p99
${row('before', before, CALM_SECONDS)}
${row('during', during, seconds)}
${row('after', after, CALM_SECONDS)}
sessions lost ${result.sessionsLost} of ${SESSIONS}, views begun ${result.viewsBegun}\n`;
}

const ms = (value: number): string =>
  (Number.isNaN(value) ? '-' : `${value.toFixed(1)} ms`).padStart(9);

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`bench: ${(error as Error).message}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
