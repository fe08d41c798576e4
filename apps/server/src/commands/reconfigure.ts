import type { Command } from 'commander';
import { ConfigError } from '../config/replica-config';
import { GroupDoor, Refusal } from '../membership/group-door';
import { reconfigure } from '../membership/reconfigure';
import { addDoorOptions, AdminDoor, type DoorFlags } from './admin-door';
import { Refused } from './exit-codes';
import { tell } from './output';

interface Flags extends Partial<DoorFlags> {
  readonly replicas?: string;
  readonly add?: string;
  readonly remove?: string;
  readonly active?: string;
  readonly witness?: string;
}

const HELP = `
Replicas are named by number or id (lockstep status), with commas between. New ones catch up first, while
the group works on; then the epoch changes. What it replaced stays as a signpost until it is stopped.

Examples
  lockstep reconfigure --add 3 --remove 0          one machine for another
  lockstep reconfigure --add 3,4                   three become five
  lockstep reconfigure --witness 1 --active 2      an active and a witness change places`;

/** `lockstep reconfigure`: another group, followed until it is there. (VRR §7) */
export function addReconfigure(lockstep: Command): void {
  addDoorOptions(
    lockstep.command('reconfigure').description('makes another group of replicas while it works'),
  )
    .option('--replicas <list>', 'the whole new group')
    .option('--add <list>', 'who becomes a member')
    .option('--remove <list>', 'who leaves')
    .option('--active <list>', 'who of the new group is to hold the state and serve')
    .option('--witness <list>', 'who of it is to hold no state')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const change = {
    replicas: listOf(flags.replicas),
    add: listOf(flags.add),
    remove: listOf(flags.remove),
    active: listOf(flags.active),
    witness: listOf(flags.witness),
  };
  const { replicas, add, remove, active, witness } = change;
  if ((replicas ?? add ?? remove ?? active ?? witness) === undefined)
    throw new ConfigError('--replicas', 'say what to change (lockstep reconfigure --help)');
  if (replicas !== undefined && (add ?? remove) !== undefined)
    throw new ConfigError('--replicas', 'names the whole group: leave out --add and --remove');
  const { urls, fetch } = await AdminDoor.open(flags);
  const terminal = {
    line: tell,
    event: (who: string, what: string) => {
      tell(`${who.padEnd(10)} ${what}`);
    },
  };
  try {
    await reconfigure(new GroupDoor(urls, fetch), change, terminal);
  } catch (fault) {
    throw fault instanceof Refusal ? new Refused(fault.message) : fault;
  }
}

const listOf = (text: string | undefined): string[] | undefined =>
  text?.split(',').filter((each) => each !== '');
