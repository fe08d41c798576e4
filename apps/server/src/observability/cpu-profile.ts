import { Session, type Profiler } from 'node:inspector';
import { setTimeout as pause } from 'node:timers/promises';

export const PROFILE_SECONDS_MAX = 30;

let isRunning = false;

/**
 * What the process spends its time on, for so many seconds: a `.cpuprofile`, as developer tools of browsers open it.
 * Undefined while another is being made.
 */
export async function cpuProfile(seconds: number): Promise<Profiler.Profile | undefined> {
  if (isRunning) return undefined;
  isRunning = true;
  const session = new Session();
  try {
    session.connect();
    await post(session, 'Profiler.enable');
    await post(session, 'Profiler.start');
    await pause(seconds * 1_000);
    return (await post(session, 'Profiler.stop')) as Profiler.Profile;
  } finally {
    session.disconnect();
    isRunning = false;
  }
}

type Command = 'Profiler.enable' | 'Profiler.start' | 'Profiler.stop';

const post = (session: Session, command: Command): Promise<unknown> =>
  new Promise((resolve, reject) => {
    session.post(command, (fault: Error | null, answer?: { profile?: unknown }) => {
      if (fault === null) resolve(answer?.profile);
      else reject(fault);
    });
  });
