import type { Replica } from '../group/replica';
import { anyMember, nothing, type Fault, type Trouble, type World } from './world';

const DOWN_MS_MAX = 5_000;

/** `kill -9` of any replica; sometimes it stays down for a while. */
export const killAny: Fault = async (world) => {
  const victim = anyMember(world);
  return victim === undefined ? undefined : kill(world, victim);
};

export const killPrimary: Fault = async (world) => {
  const primary = await world.group.primary();
  return primary === undefined || world.busy.has(primary) ? undefined : kill(world, primary);
};

/** As in a power cut, but that what the kernel was given stays. */
export const killAll: Fault = async ({ group, count }) => {
  const running = group.members.filter(({ pid }) => pid !== undefined);
  await Promise.all(running.map((replica) => replica.kill()));
  for (const _ of running) count('kills');
  return { what: `all ${running.length}`, lastsMs: 0, lift: nothing };
};

async function kill(world: World, victim: Replica): Promise<Trouble> {
  const { chance, busy, count } = world;
  count('kills');
  if (chance.happens(0.6)) {
    await victim.kill();
    return { what: victim.name, lastsMs: 0, lift: nothing };
  }
  busy.add(victim);
  await victim.hold();
  return {
    what: `${victim.name}, down`,
    lastsMs: chance.whole(200, DOWN_MS_MAX),
    lift: async () => {
      victim.start();
      busy.delete(victim);
      return nothing();
    },
  };
}
