import { resolve } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { readPort } from '../config/load-replica-config';
import { ConfigError } from '../config/replica-config';

const DEFAULT_GROUP = '.lockstep';

interface Flags {
  readonly group: string;
  readonly from?: string;
  readonly data?: string;
  readonly secret?: string;
  readonly port?: string;
  readonly host: string;
  readonly config?: string;
  readonly tokenFile?: string;
  readonly role: 'active' | 'witness';
  readonly replicas?: string;
  readonly add?: string;
  readonly remove?: string;
  readonly active?: string;
  readonly witness?: string;
  readonly replica?: string;
}

/** A command, read; undefined when it was help. */
export type MembershipCommand = CommandParts & {
  /** Holds the token of an admin. */
  readonly tokenFile: string | undefined;
};

type CommandParts =
  | {
      readonly kind: 'join-supervised';
      readonly group: string;
      readonly role: 'active' | 'witness';
      readonly port: number | undefined;
    }
  | {
      readonly kind: 'join-alone';
      readonly from: readonly string[];
      readonly data: string;
      readonly secretFolder: string;
      readonly host: string;
      readonly port: number;
      readonly config: string | undefined;
      readonly role: 'active' | 'witness';
    }
  | {
      readonly kind: 'reconfigure';
      readonly group: string;
      readonly from: readonly string[] | undefined;
      readonly config: string | undefined;
      readonly replicas: readonly string[] | undefined;
      readonly add: readonly string[] | undefined;
      readonly remove: readonly string[] | undefined;
      readonly active: readonly string[] | undefined;
      readonly witness: readonly string[] | undefined;
    }
  | { readonly kind: 'leave'; readonly group: string; readonly replica: number };

const JOIN_HELP = `
A new replica first follows the group and has no vote; npm run reconfigure makes it a member.

Under npm start (--group, the default): the folder DIR/replica-N is made, and the supervisor runs it.
Anywhere else: --from, --data, --secret and --port; the replica runs in the foreground. The secret is
the file of any replica of the group (DIR/replica-0/secret): copy it yourself, it never travels.

Examples
  npm run join                                            beside the group of npm start
  npm run join -- --role witness                          a replica that holds no state
  npm run join -- --from http://127.0.0.1:7400 --data /tmp/r9 --secret .lockstep/replica-0 --port 7409`;

const RECONFIGURE_HELP = `
New replicas catch up first, while the group works on; then the epoch changes. What it replaced stays
as a signpost until npm run leave.

Examples
  npm run reconfigure -- --add 3,4                        three become five
  npm run reconfigure -- --replicas 5,6,7                 all of them are replaced
  npm run reconfigure -- --remove 0,1                     by number or id (GET /v1/cluster)
  npm run reconfigure -- --witness 1 --active 2           an active and a witness change places`;

const LEAVE_HELP = `
Only a replica that has been replaced, and that nobody needs any more, may leave.

Example
  npm run leave -- --replica 0`;

/** Throws `ConfigError` that names the flag. */
export function readCommand(argv: readonly string[]): MembershipCommand | undefined {
  const [name, ...rest] = argv;
  switch (name) {
    case 'join':
      return readJoin(parse(joinCommand(), rest));
    case 'reconfigure':
      return readReconfigure(parse(reconfigureCommand(), rest));
    case 'leave':
      return readLeave(parse(leaveCommand(), rest));
    default:
      throw new ConfigError('command', 'must be one of join, reconfigure, leave');
  }
}

const groupOption = (): Option =>
  new Option('--group <dir>', 'folder of a group under npm start').default(DEFAULT_GROUP);

const tokenOption = (): Option =>
  new Option(
    '--token-file <file>',
    'holds the token of an admin, where the group asks for one (or LOCKSTEP_TOKEN)',
  );

const configOption = (): Option =>
  new Option('--config <file>', 'lockstep.yaml of the replicas, if they have one');

function joinCommand(): Command {
  return new Command('npm run join --')
    .description('Adds a replica that follows a running group.')
    .addOption(groupOption())
    .addOption(tokenOption())
    .option('--from <urls>', 'replicas of a running group, with commas between')
    .option('--data <dir>', 'new folder of the replica')
    .option('--secret <dir>', 'folder with the file secret of the group')
    .option('--port <number>', 'where it listens (under npm start: first port + number)')
    .option('--host <address>', 'where it listens', '127.0.0.1')
    .addOption(configOption())
    .addOption(
      new Option('--role <role>', 'what it becomes')
        .choices(['active', 'witness'])
        .default('active'),
    )
    .addHelpText('after', JOIN_HELP);
}

function reconfigureCommand(): Command {
  return new Command('npm run reconfigure --')
    .description('Makes another group of replicas out of this one while it works.')
    .addOption(groupOption())
    .addOption(tokenOption())
    .option('--from <urls>', 'replicas of a running group, in place of --group')
    .addOption(configOption())
    .option('--replicas <list>', 'the whole new group')
    .option('--add <list>', 'who becomes a member')
    .option('--remove <list>', 'who leaves')
    .option('--active <list>', 'who of the new group is to hold the state and serve')
    .option('--witness <list>', 'who of it is to hold no state')
    .addHelpText('after', RECONFIGURE_HELP);
}

function leaveCommand(): Command {
  return new Command('npm run leave --')
    .description('Stops a replaced replica for good.')
    .addOption(groupOption())
    .addOption(tokenOption())
    .requiredOption('--replica <number>', 'which one')
    .addHelpText('after', LEAVE_HELP);
}

function readJoin(flags: Flags | undefined): MembershipCommand | undefined {
  if (flags === undefined) return undefined;
  const { role, host, data, secret } = flags;
  const tokenFile = absolute(flags.tokenFile);
  const from = listOf(flags.from);
  const port = flags.port === undefined ? undefined : readPort('--port', flags.port);
  if (from === undefined && data === undefined)
    return { kind: 'join-supervised', group: resolve(flags.group), role, port, tokenFile };
  if (from === undefined) throw new ConfigError('--from', 'give the URL of a running replica');
  if (data === undefined) throw new ConfigError('--data', 'give a folder for the new replica');
  if (secret === undefined)
    throw new ConfigError('--secret', "give a folder with the file secret of the group's");
  if (port === undefined) throw new ConfigError('--port', 'give the port of the new replica');
  const secretFolder = resolve(secret);
  const config = absolute(flags.config);
  const where = { from, data: resolve(data), secretFolder, host, port };
  return { kind: 'join-alone', ...where, config, role, tokenFile };
}

function readReconfigure(flags: Flags | undefined): MembershipCommand | undefined {
  if (flags === undefined) return undefined;
  const change = {
    replicas: listOf(flags.replicas),
    add: listOf(flags.add),
    remove: listOf(flags.remove),
    active: listOf(flags.active),
    witness: listOf(flags.witness),
  };
  const { replicas, add, remove, active, witness } = change;
  if ((replicas ?? add ?? remove ?? active ?? witness) === undefined)
    throw new ConfigError(
      '--replicas',
      'say what to change: --replicas, --add, --remove, --active or --witness',
    );
  if (replicas !== undefined && (add ?? remove) !== undefined)
    throw new ConfigError('--replicas', 'names the whole group: leave out --add and --remove');
  const from = listOf(flags.from);
  const config = absolute(flags.config);
  return {
    kind: 'reconfigure',
    group: resolve(flags.group),
    from,
    config,
    tokenFile: absolute(flags.tokenFile),
    ...change,
  };
}

function readLeave(flags: Flags | undefined): MembershipCommand | undefined {
  if (flags === undefined) return undefined;
  const { replica = '' } = flags;
  if (!/^\d{1,9}$/.test(replica)) throw new ConfigError('--replica', `${replica} is no number`);
  const tokenFile = absolute(flags.tokenFile);
  return { kind: 'leave', group: resolve(flags.group), replica: Number(replica), tokenFile };
}

const absolute = (file: string | undefined): string | undefined =>
  file === undefined ? undefined : resolve(file);

function listOf(text: string | undefined): readonly string[] | undefined {
  return text?.split(',').filter((each) => each !== '');
}

function parse(command: Command, argv: readonly string[]): Flags | undefined {
  command
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  try {
    return command.parse(argv, { from: 'user' }).opts<Flags>();
  } catch (fault) {
    if (!(fault instanceof CommanderError)) throw fault;
    if (fault.exitCode === 0) return undefined;
    const problem = fault.message.replace(/^error: /, '');
    throw new ConfigError('command line', `${problem} (${command.name()} --help)`);
  }
}
