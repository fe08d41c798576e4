import { pause } from '../clock';
import { controlFile, tell } from '../group/disk';
import { nothing, type Fault } from './world';

/** What a write takes meanwhile: long enough that some are under way at any moment. */
const WRITE_MS = 60;

/**
 * The disks of backups are slow, so that much of what they hold is on its way there; then all die at once, and the primary does
 * not come back for a while. Whatever was acknowledged has to be with the others: the one thing that this finds and
 * kills alone do not is an acknowledgement of what was in memory only.
 */
export const killUnwritten: Fault = async ({ group, chance, busy, count }) => {
  const { members } = group;
  const primary = await group.primary();
  const canBeSlow = members.every(({ env }) => env['DISK_FAULTS'] !== undefined);
  if (primary === undefined || !canBeSlow || members.some((each) => busy.has(each)))
    return undefined;
  // The primary's own disk is fast: what it waits for is the others.
  const slow = members.filter((each) => each !== primary);
  const files = slow.map((each) => [controlFile(group.plan.folder, each), each] as const);
  for (const [file, { plan }] of files)
    tell(file, `SLOW=${WRITE_MS} write,sync ${plan.folder}/*\n`);
  busy.add(primary);
  await pause(chance.whole(1_000, 3_000));
  await Promise.all(members.map((each) => (each === primary ? each.hold() : each.kill())));
  for (const [file] of files) tell(file, '');
  for (const _ of members) count('kills');
  return {
    what: `all ${members.length} while they write; ${primary.name} stays down`,
    lastsMs: chance.whole(1_000, 6_000),
    lift: async () => {
      primary.start();
      busy.delete(primary);
      return nothing();
    },
  };
};
