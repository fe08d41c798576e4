import { controlFile, tell } from '../group/disk';
import { anyMember, type Fault } from './world';

const LASTS_MS = [500, 5_000] as const;

/** What a full, a read-only, a failing and a slow disk do. (test/power/README.md) */
const WAYS = [
  { what: 'is full', rule: 'ENOSPC grow', counts: 'full disks' },
  { what: 'is full, also for what it has', rule: 'ENOSPC grow,write', counts: 'full disks' },
  { what: 'is getting full', rule: 'SHORT write', counts: 'full disks' },
  { what: 'has become read-only', rule: 'EROFS change', counts: 'failing disks' },
  { what: 'fails to sync', rule: 'EIO sync', counts: 'failing disks' },
  { what: 'is slow', rule: 'SLOW=80 sync', counts: 'slow disks' },
] as const;

/** The disk of one replica is full, or fails: it stops with a clear reason, and goes on when there is room again. */
export const fullDisk: Fault = async (world) => {
  const { group, chance, busy, expected, count } = world;
  const victim = anyMember(world, ({ env }) => env['DISK_FAULTS'] !== undefined);
  if (victim === undefined) return Promise.resolve(undefined);
  const { what, rule, counts } = chance.of(WAYS);
  const file = controlFile(group.plan.folder, victim);
  busy.add(victim);
  expected.add(victim);
  tell(file, `${rule} ${victim.plan.folder}/*\n`);
  count(counts);
  return {
    what: `${victim.name} ${what}`,
    lastsMs: chance.whole(...LASTS_MS),
    lift: async () => {
      tell(file, '');
      busy.delete(victim);
      // It may still say why it ends.
      setTimeout(() => expected.delete(victim), 10_000).unref();
      return Promise.resolve(undefined);
    },
  };
};
