import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { readPort } from '../config/load-replica-config';
import { isLoopback, LOOPBACK_ONLY } from '../config/loopback';
import { ConfigError } from '../config/replica-config';
import { GROUP_SIZE_MAX } from '../config/group-size';
import { DEFAULT_HOST, DEFAULT_PORT, DEFAULT_REPLICAS } from '../group-folder/defaults';
import { type WantedGroup } from '../group-folder/open-group';

const DEFAULT_DATA = '.lockstep';

const EXAMPLES = `
Replica i listens on port + i of loopback: REST under /v1, browsable at /docs, socket.io at
/client, metrics at /metrics. DIR/group.json lists the replicas, their processes and the primary.
What the group acknowledged is found again by the next start with the same --data.

Modes
  durable      an operation is acknowledged once a majority has it on disk: it survives a crash of
               all replicas at once, a power cut included
  replicated   an operation is acknowledged once a majority has it in memory: it survives the loss
               of a minority at a time; a clean stop keeps everything

Witnesses
  Of 2f + 1 replicas f may be witnesses, the last ones. A witness holds no state, takes no clients
  (only /health, /metrics and what it says of itself), and costs next to nothing until a replica
  with the state is missing; then its disk stands in, and the group goes on as ever.

Examples
  npm start                                        three replicas on 7400, 7401, 7402
  npm start -- --port 9000 --data /tmp/group       another group beside it
  npm start -- --replicas 5                        survives two replicas lost at once
  npm start -- --witnesses 1                       two replicas with the state, and one without
  curl -s http://127.0.0.1:7400/v1/cluster         who is primary, in which view

Ctrl-C stops the group in order, a second Ctrl-C at once. Exit codes: 0 stopped in order, 2 wrong
flag, folder or port, 70 no replica could run.`;

interface Flags {
  readonly port?: string;
  readonly data: string;
  readonly replicas?: string;
  readonly witnesses?: string;
  readonly mode?: string;
  readonly host?: string;
  readonly config?: string;
}

/** The group, and the settings of its replicas. */
export interface SupervisedOptions {
  readonly wanted: WantedGroup;
  /** A configuration file that each replica is given. Absolute. */
  readonly config: string | undefined;
}

/** What the command line asks for; undefined when it was help. Throws `ConfigError` that names the flag. */
export function readOptions(argv: readonly string[]): SupervisedOptions | undefined {
  const flags = parse(argv);
  if (flags === undefined) return undefined;
  const { mode, host } = flags;
  if (mode !== undefined && mode !== 'durable' && mode !== 'replicated')
    throw new ConfigError('--mode', `${mode} is neither durable nor replicated`);
  if (host !== undefined && !isLoopback(host))
    throw new ConfigError('--host', `${host}: ${LOOPBACK_ONLY}`);
  const replicas = flags.replicas === undefined ? undefined : readSize(flags.replicas);
  const witnesses = flags.witnesses === undefined ? undefined : readWitnesses(flags.witnesses);
  const basePort = flags.port === undefined ? undefined : readPort('--port', flags.port);
  if (basePort !== undefined && basePort + (replicas ?? DEFAULT_REPLICAS) - 1 > 65_535)
    throw new ConfigError('--port', `there are not enough ports above ${basePort} for the group`);
  return {
    wanted: { folder: resolve(flags.data), replicas, witnesses, host, basePort, mode },
    config: flags.config === undefined ? undefined : resolve(flags.config),
  };
}

/** Decision 34: a group of two fails as soon as either does. */
function readSize(text: string): number {
  const size = Number(text);
  if (!/^\d+$/.test(text) || size < 1 || size > GROUP_SIZE_MAX)
    throw new ConfigError('--replicas', `${text} is not a number from 1 to ${GROUP_SIZE_MAX}`);
  if (size === 2)
    throw new ConfigError(
      '--replicas',
      '2 replicas survive no failure, and either of them stops both: take 1 or 3',
    );
  return size;
}

/** Whether they fit the group, its folder tells. */
function readWitnesses(text: string): number {
  const most = (GROUP_SIZE_MAX - 1) / 2;
  if (!/^\d+$/.test(text) || Number(text) > most)
    throw new ConfigError('--witnesses', `${text} is not a number from 0 to ${most}`);
  return Number(text);
}

/** A sentence for sizes that people choose by mistake. */
export function sizeWarning(size: number): string | undefined {
  if (size === 1) return 'one replica survives no failure: for development only';
  return size % 2 === 0
    ? `${size} replicas survive no more failures than ${size - 1}: take an odd number`
    : undefined;
}

function parse(argv: readonly string[]): Flags | undefined {
  const command = new Command('npm start --')
    .description('Starts a group of Lockstep replicas on this machine and watches over it.')
    .option('--port <number>', `port of replica 0 (new group: ${DEFAULT_PORT})`)
    .option('--data <dir>', 'folder of the group', DEFAULT_DATA)
    .option('--replicas <n>', `1, or 3 to ${GROUP_SIZE_MAX} (new group: ${DEFAULT_REPLICAS})`)
    .option('--witnesses <n>', 'how many of them hold no state, see below (new group: 0)')
    .option('--mode <mode>', 'durable or replicated, see below (new group: durable)')
    .option('--host <address>', `loopback address to listen on (new group: ${DEFAULT_HOST})`)
    .option('--config <file>', 'lockstep.yaml: settings of every replica (docs/configuration.md)')
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  try {
    return command.parse(argv, { from: 'user' }).opts<Flags>();
  } catch (fault) {
    if (!(fault instanceof CommanderError)) throw fault;
    if (fault.exitCode === 0) return undefined;
    const problem = fault.message.replace(/^error: /, '');
    throw new ConfigError('command line', `${problem} (npm start -- --help)`);
  }
}
