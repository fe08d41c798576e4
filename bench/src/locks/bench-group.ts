import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Group, type Replica } from '../../../demo/dist/group';

/** A group of three, durable, default settings, of its own for every part: nobody pays for what another left behind. */
export async function withGroup<T>(work: (group: Group) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-bench-'));
  const group = await Group.start(join(folder, 'group'));
  const interrupted = (): void => {
    group.destroy();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  try {
    const { primary } = group;
    const result = await work(group);
    if (group.primary !== primary) throw new Error('the primary changed meanwhile');
    return result;
  } finally {
    process.removeListener('SIGINT', interrupted);
    await group.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

export function primaryOf(group: Group): Replica {
  const found = group.replicas.find(({ id }) => id === group.primary);
  if (found === undefined) throw new Error('the group has no primary');
  return found;
}

/** The op-number of the primary's log: how many entries it has had. */
export async function logLengthOf(group: Group): Promise<number> {
  const text = await (await fetch(`${primaryOf(group).url}/metrics`)).text();
  const [, op] = /^lockstep_op (\S+)$/m.exec(text) ?? [];
  return Number(op);
}
