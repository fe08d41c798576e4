import { setTimeout as pause } from 'node:timers/promises';
import { connect, LockstepError, type Session } from '@lockstep/client';
import { machineMs } from './journal';
import type { ProberReport } from './outages';

const PAUSE_MS = 2;
const REPORT_MS = 100;
/** An outage longer than this is told as several failures and one long gap. */
const TIMEOUT_MS = 60_000;

let stopping = false;
process.on('message', (message) => {
  if (message === 'stop') stopping = true;
});
// The demo is gone, or this process has let it go at the end.
process.on('disconnect', () => process.exit(stopping ? 0 : 1));

/**
 * One client that writes all the time, one write after the other, and notes when each was answered: the longest time
 * without an answer around a kill is the outage that clients see.
 */
async function probe(endpoints: readonly string[]): Promise<void> {
  const client = await connect({ endpoints, timeoutMs: TIMEOUT_MS });
  let report: ProberReport = { answeredAtMs: [], views: [], failures: [] };
  const tell = (): void => {
    process.send?.(report);
    report = { answeredAtMs: [], views: [], failures: [] };
  };
  const noteView = (): void => {
    if (client.view !== undefined) report.views.push({ atMs: machineMs(), ...client.view });
  };
  client.onView(noteView);
  noteView();
  const telling = setInterval(tell, REPORT_MS);
  let session: Session | undefined;
  while (!stopping) {
    try {
      session ??= await client.openSession({ name: 'prober' });
      await session.counters.add('probe');
      report.answeredAtMs.push(machineMs());
    } catch (error) {
      if (!(error instanceof LockstepError)) throw error;
      report.failures.push({ atMs: machineMs(), code: error.code });
      if (error.code === 'session-expired') session = undefined;
    }
    await pause(PAUSE_MS);
  }
  clearInterval(telling);
  tell();
  await client.close();
  process.disconnect();
}

probe(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`prober: ${String(error)}\n`);
  process.exit(1);
});
