import { setTimeout as pause } from 'node:timers/promises';
import { machineMs } from '../../../demo/dist/journal';
import { Channel } from '../locks/channel';
import type { Answered } from '../locks/bystander';

const TASKS = 4;
const PAUSE_MS = 2;
const REPORT_MS = 100;

let stopping = false;
process.on('message', (message) => {
  if (message === 'stop') stopping = true;
});
process.on('disconnect', () => process.exit(stopping ? 0 : 1));

/** A few tasks, at all the replicas in turn, that make, stat and unlink files of their own, and note how long that took. */
async function stand(endpoints: readonly string[]): Promise<void> {
  const channels = await Promise.all(endpoints.map((url) => Channel.open(url)));
  let answered: Answered[] = [];
  const tell = (): void => {
    process.send?.(answered);
    answered = [];
  };
  const telling = setInterval(tell, REPORT_MS);
  const tasks = Array.from({ length: TASKS }, (_, n) =>
    makeAndUnlink(channels[n % channels.length]!, `/of-bystander-${n}`, (one) =>
      answered.push(one),
    ),
  );
  await Promise.all(tasks);
  clearInterval(telling);
  tell();
  for (const channel of channels) channel.close();
  process.disconnect();
}

async function makeAndUnlink(
  channel: Channel,
  path: string,
  note: (answered: Answered) => void,
): Promise<void> {
  const timed = async (question: Readonly<Record<string, unknown>>): Promise<void> => {
    const startMs = machineMs();
    await channel.ask({ service: 'files', ...question });
    const atMs = machineMs();
    note({ atMs, tookMs: atMs - startMs });
  };
  while (!stopping) {
    await timed({ op: { kind: 'create', path }, key: crypto.randomUUID() });
    await timed({ query: { kind: 'stat', path } });
    await timed({ op: { kind: 'unlink', path }, key: crypto.randomUUID() });
    await pause(PAUSE_MS);
  }
}

stand(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`bystander: ${String(error)}\n`);
  process.exit(1);
});
