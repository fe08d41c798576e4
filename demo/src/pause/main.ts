import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Group } from '../group';
import { helpText, parseFlags, UsageError, wholeNumber, type Flags } from '../options';
import { Terminal } from '../terminal';
import { runUnderPauses } from './run';
import { describe, isShown, type Tally } from './verdict';

const FLAGS: Flags = {
  workers: { type: 'string', value: 'N', help: 'worker processes, 2 to 20', fallback: '3' },
  pauses: { type: 'string', value: 'N', help: 'how often one is stopped', fallback: '2' },
  json: { type: 'boolean', help: 'print nothing but the result, as JSON' },
  help: { type: 'boolean', help: 'print this' },
};

const ABOUT = `Shows what a lock is, and what it is not. Worker processes add to a counter in a file, each time under
the same lock of a real group: take the lock, read, think, look whether the lock is still held,
write, release. Now and then the one that is about to write is stopped (SIGSTOP) until its session
has ended and others have had the lock and written; then it goes on (SIGCONT), and writes
what it had in mind.

Twice: with a file that takes every write, because whoever writes holds the lock, and with one that
compares fences. The first loses updates that were acknowledged, the second refuses the late write
and loses none. No lock service can do better than that without the fence.

Exit code: 0 when both are seen, 1 when not or when the run broke off, 2 a wrong flag.`;

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags['help'] === true) {
    process.stdout.write(helpText('npm run demo:pause -- [flags]', FLAGS, ABOUT));
    return 0;
  }
  const json = flags['json'] === true;
  const plan = {
    workers: wholeNumber('workers', flags['workers'], [2, 20]),
    pauses: wholeNumber('pauses', flags['pauses'], [1, 100]),
  };
  const [byLock, byFence] = await runBoth(plan, new Terminal(json));
  const shown = isShown(byLock, byFence);
  process.stdout.write(
    json
      ? `${JSON.stringify({ byLock, byFence, shown })}\n`
      : `\n${describe(byLock)}${describe(byFence)}`,
  );
  return shown ? 0 : 1;
}

async function runBoth(
  plan: { readonly workers: number; readonly pauses: number },
  terminal: Terminal,
): Promise<[Tally, Tally]> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-pause-'));
  const group = await Group.start(join(folder, 'group'));
  try {
    terminal.line('guarded by the lock alone');
    const byLock = await runUnderPauses({ ...plan, folder, guard: 'lock' }, group, terminal);
    terminal.line('guarded by the fence');
    const byFence = await runUnderPauses({ ...plan, folder, guard: 'fence' }, group, terminal);
    return [byLock, byFence];
  } finally {
    await group.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`pause: ${(error as Error).message}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
