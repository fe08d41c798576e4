import { pause } from '../clock';
import type { Replica } from '../group/replica';
import { CLIENTS } from '../network/network';
import type { Condition } from '../network/condition';
import { nothing, type Fault, type Trouble, type World } from './world';

type Pairs = readonly (readonly [string, string])[];

const CUT: Condition = { kind: 'cut' };
const MUTE: Condition = { kind: 'mute' };
const LASTS_MS = [500, 6_000] as const;

/** One link between two replicas. */
export const cutLink: Fault = async (world) => {
  const [a, b] = world.chance.shuffled(world.group.members);
  if (a === undefined || b === undefined) return nothing();
  return trouble(world, [[a.id, b.id]], CUT, `${a.name} from ${shortName(b)}`);
};

/** One replica from all others; often the primary, which clients still reach. */
export const isolate: Fault = async (world) => {
  const victim = await someone(world);
  const pairs = linksOf(world, victim);
  const condition = world.chance.happens(0.5) ? CUT : MUTE;
  return trouble(world, pairs, condition, `${victim.name} (${condition.kind})`);
};

/** One direction: it hears and is not heard, or the other way round. */
export const oneWay: Fault = async (world) => {
  const { network, chance } = world;
  const victim = await someone(world);
  const pairs = linksOf(world, victim);
  const isHeard = chance.happens(0.5);
  for (const [own, other] of pairs) network.set(isHeard ? other : own, isHeard ? own : other, MUTE);
  return lasting(world, pairs, `${victim.name} ${isHeard ? 'hears nobody' : 'is not heard'}`);
};

/** Late and narrow: between two, or around one replica. */
export const slowLinks: Fault = async (world) => {
  const { chance } = world;
  const victim = await someone(world);
  const delayMs = chance.whole(10, 250);
  const bytesPerSecond = chance.of([20_000, 200_000, 2_000_000]);
  const slow: Condition = { kind: 'slow', delayMs, bytesPerSecond };
  const what = `${victim.name} +${delayMs} ms, ${bytesPerSecond / 1000} kB/s`;
  return trouble(world, linksOf(world, victim), slow, what);
};

/** Cut and whole again, several times in a row. */
export const flap: Fault = async (world) => {
  const { network, chance, count } = world;
  const victim = await someone(world);
  const pairs = linksOf(world, victim);
  const times = chance.whole(3, 8);
  for (let n = 0; n < times; n += 1) {
    for (const [a, b] of pairs) network.both(a, b, CUT);
    await pause(chance.whole(20, 400));
    network.clear(pairs);
    await pause(chance.whole(20, 400));
  }
  count('cuts');
  return { what: `${victim.name}, ${times} times`, lastsMs: 0, lift: nothing };
};

/** Between clients and one replica, or all replicas but one. */
export const closeDoors: Fault = async (world) => {
  const { chance, group } = world;
  const [open, ...others] = chance.shuffled(group.actives);
  if (open === undefined || others.length === 0) return nothing();
  const closed = chance.happens(0.6) ? others.slice(0, 1) : others;
  const condition = chance.of<Condition>([
    CUT,
    MUTE,
    { kind: 'slow', delayMs: chance.whole(10, 200), bytesPerSecond: 200_000 },
  ]);
  const pairs = closed.map(({ id }) => [CLIENTS, id] as const);
  const names = closed.map(shortName).join(', ');
  return trouble(world, pairs, condition, `clients of ${names} (${condition.kind})`);
};

const shortName = ({ plan }: Replica): string => `${plan.number}`;

async function someone({ group, chance }: World): Promise<Replica> {
  const primary = chance.happens(0.6) ? await group.primary() : undefined;
  return primary ?? chance.of(group.members);
}

const linksOf = ({ group }: World, victim: Replica): Pairs =>
  group.members.filter((each) => each !== victim).map(({ id }) => [victim.id, id] as const);

function trouble(world: World, pairs: Pairs, condition: Condition, what: string): Trouble {
  for (const [a, b] of pairs) world.network.both(a, b, condition);
  return lasting(world, pairs, what);
}

function lasting({ network, chance, count }: World, pairs: Pairs, what: string): Trouble {
  count('cuts');
  return {
    what,
    lastsMs: chance.whole(...LASTS_MS),
    lift: async () => {
      network.clear(pairs);
      return nothing();
    },
  };
}
