import { anyMember, nothing, type Fault } from './world';

/** SIGSTOP, for less than a lease, or for longer than anybody waits before another view. */
export const pauseAny: Fault = async (world) => {
  const { chance, group, count } = world;
  const primary = chance.happens(0.5) ? await group.primary() : undefined;
  const victim = primary ?? anyMember(world);
  if (victim === undefined || world.busy.has(victim)) return undefined;
  victim.pause();
  count('pauses');
  const lastsMs = chance.happens(0.5) ? chance.whole(20, 300) : chance.whole(1_200, 6_000);
  return {
    what: `${victim.name} for ${lastsMs} ms`,
    lastsMs,
    lift: async () => {
      victim.resume();
      return nothing();
    },
  };
};
