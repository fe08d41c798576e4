import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { comesTrue } from '../clock';
import type { Chance } from '../chance';
import { hasCaughtUp } from '../group/membership';
import type { Replica } from '../group/replica';
import { statusOf } from '../group/status';
import { anyMember, type Fault, type Trouble, type World } from './world';

/** What an operator has kept elsewhere of a disk that is gone. */
const KEPT = new Set(['identity.json', 'secret']);
const HEALED_MS = 150_000;
const FLIPS_MAX = 12;

/** The disk of one replica is gone, and an empty one is in its place: it comes back with `--recover`. */
export const wipe: Fault = (world) =>
  damage(world, async (victim) => {
    for (const name of await readdir(victim.plan.folder))
      if (!KEPT.has(name))
        await rm(join(victim.plan.folder, name), { recursive: true, force: true });
    world.count('wipes');
    return { what: `${victim.name}, comes back with --recover`, flags: ['--recover'] };
  });

/** Bytes of the database, of its journal, or of one copy of the promise are others than were written. */
export const corrupt: Fault = (world) =>
  damage(world, async (victim) => {
    const { chance, count } = world;
    const file = await damagedFile(victim, chance);
    if (file === undefined) return undefined;
    const flips = await flipBytes(join(victim.plan.folder, file), chance);
    count('corruptions');
    return { what: `${victim.name}, ${flips} bytes of ${file}`, flags: [] };
  });

interface Damage {
  readonly what: string;
  readonly flags: readonly string[];
}

/** It stops by `kill -9`, is damaged, starts again, and counts as damaged until it has caught up. */
async function damage(
  world: World,
  work: (victim: Replica) => Promise<Damage | undefined>,
): Promise<Trouble | undefined> {
  const { group, busy } = world;
  if (world.damaged !== undefined || world.isChanging || !(await group.isWhole())) return undefined;
  const victim = anyMember(world);
  if (victim === undefined) return undefined;
  world.damaged = victim;
  busy.add(victim);
  await victim.hold();
  const done = await work(victim);
  const target = await newestOp(world);
  victim.start({ flags: done?.flags ?? [] });
  busy.delete(victim);
  const lift = async (): Promise<string> => {
    const isBack = await comesTrue(() => hasCaughtUp(victim, target), HEALED_MS, 100);
    // Left as it is: another damage beside it would be more than is promised.
    if (isBack) world.damaged = undefined;
    return isBack ? 'it has caught up' : `IT IS NOT BACK after ${HEALED_MS / 1000} s`;
  };
  if (done !== undefined) return { what: done.what, lastsMs: 0, lift };
  await lift();
  return undefined;
}

export async function newestOp({ group }: World): Promise<number> {
  const statuses = await Promise.all(group.members.map(({ url }) => statusOf(url)));
  return Math.max(0, ...statuses.map((status) => status?.commit ?? 0));
}

async function damagedFile({ plan }: Replica, chance: Chance): Promise<string | undefined> {
  const names = await readdir(plan.folder);
  const databases = names.filter((name) => /^replica\.sqlite(-wal)?$/.test(name));
  const promises = names.filter((name) => /^promise\.[ab]$/.test(name));
  const chosen = chance.happens(0.75) ? databases : promises;
  return chosen.length === 0 ? undefined : chance.of(chosen);
}

/** How many bytes are others now. */
async function flipBytes(path: string, chance: Chance): Promise<number> {
  const { size } = await stat(path);
  if (size === 0) return 0;
  const file = await open(path, 'r+');
  let flips = 0;
  try {
    for (const _ of Array.from({ length: chance.whole(1, FLIPS_MAX) })) {
      const at = Math.floor(chance.next() * size);
      const byte = Buffer.alloc(1);
      await file.read(byte, 0, 1, at);
      byte[0] = (byte[0] ?? 0) ^ (1 << chance.whole(0, 7));
      await file.write(byte, 0, 1, at);
      flips += 1;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return flips;
}
