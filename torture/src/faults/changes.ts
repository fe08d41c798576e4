import { nowMs } from '../clock';
import { join, leave, reconfigure, type WantedMember } from '../group/membership';
import type { Replica } from '../group/replica';
import { askJson } from '../group/status';
import { nothing, type Fault, type Trouble, type World } from './world';

const SIZE_MAX = 5;

/** Another group in place of this one: larger, smaller, with another member, or with other roles. */
export const reconfiguration: Fault = async (world) => {
  const { group, chance } = world;
  if (world.isChanging || world.damaged !== undefined) return undefined;
  const { members } = group;
  const hasWitness = members.some(({ role }) => role === 'witness');
  const ways: (() => Promise<Trouble | undefined>)[] = [() => replace(world)];
  if (!hasWitness && members.length + 2 <= SIZE_MAX) ways.push(() => grow(world));
  if (!hasWitness && members.length >= SIZE_MAX) ways.push(() => shrink(world));
  if (hasWitness) ways.push(() => swapRoles(world));
  world.isChanging = true;
  try {
    return await chance.of(ways)();
  } finally {
    world.isChanging = false;
  }
};

async function replace(world: World): Promise<Trouble | undefined> {
  const { group, chance } = world;
  const gone = chance.of(group.members);
  const joined = await join(group, gone.role);
  if (joined === undefined) return undefined;
  const wanted = [...staying(world, [gone]), memberOf(joined)];
  return change(world, wanted, `${gone.plan.number} by ${joined.plan.number}`);
}

async function grow(world: World): Promise<Trouble | undefined> {
  const { group } = world;
  const joined: Replica[] = [];
  for (let n = 0; n < 2; n += 1) {
    const one = await join(group, 'active');
    if (one !== undefined) joined.push(one);
  }
  const wanted = [...staying(world, []), ...joined.map(memberOf)];
  const what = `${group.members.length} become ${wanted.length}`;
  if (joined.length === 2) return change(world, wanted, what);
  for (const { plan } of joined) await group.dismiss(plan.number);
  return undefined;
}

function shrink(world: World): Promise<Trouble> {
  const { group, chance } = world;
  const gone = chance.shuffled(group.members).slice(0, 2);
  const wanted = staying(world, gone);
  return change(world, wanted, `${group.members.length} become ${wanted.length}`);
}

/** A witness and an active member change places. */
function swapRoles(world: World): Promise<Trouble> {
  const { group, chance } = world;
  const witness = chance.of(group.members.filter(({ role }) => role === 'witness'));
  const active = chance.of(group.actives);
  const wanted = group.members.map((member): WantedMember => {
    const { plan, role } = member;
    const isSwapped = member === witness || member === active;
    return {
      number: plan.number,
      role: isSwapped ? (role === 'active' ? 'witness' : 'active') : role,
    };
  });
  const what = `${active.plan.number} and witness ${witness.plan.number} change places`;
  return change(world, wanted, what);
}

async function change(
  world: World,
  wanted: readonly WantedMember[],
  what: string,
): Promise<Trouble> {
  const { group, count } = world;
  const before = group.members.map(({ plan }) => plan.number);
  const startMs = nowMs();
  const refusal = await reconfigure(group, wanted);
  const took = `${((nowMs() - startMs) / 1000).toFixed(1)} s`;
  if (refusal !== undefined)
    throw new Error(`${what}: it has not come about within ${took}: ${refusal}`);
  count('reconfigurations');
  const gone = before.filter((number) => wanted.every((member) => member.number !== number));
  return {
    what: `${what}, in ${took}`,
    lastsMs: 0,
    lift: async () => {
      for (const number of gone)
        if (!(await leave(group, number))) return `${number} MAY NOT LEAVE`;
      return undefined;
    },
  };
}

const memberOf = ({ plan, role }: Replica): WantedMember => ({ number: plan.number, role });

const staying = ({ group }: World, gone: readonly Replica[]): WantedMember[] =>
  group.members.filter((member) => !gone.includes(member)).map(memberOf);

/** The primary gives up its view in good order. */
export const stepDown: Fault = async ({ group, chance, count }) => {
  const { url, name } = chance.of(group.actives);
  const answer = await askJson(`${url}/v1/cluster/step-down`, 'POST', {});
  if (answer?.status !== 202) return undefined;
  count('step-downs');
  return { what: `asked at ${name}`, lastsMs: 0, lift: nothing };
};

export const checkpoint: Fault = async ({ group, chance, count }) => {
  const { url, name } = chance.of(group.actives);
  const answer = await askJson(`${url}/v1/cluster/checkpoint`, 'POST', {}, 20_000);
  if (answer?.status !== 202) return undefined;
  count('checkpoints');
  return { what: `asked at ${name}`, lastsMs: 0, lift: nothing };
};
