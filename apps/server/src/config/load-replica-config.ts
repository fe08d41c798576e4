import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { readIdentity } from './identity-file';
import { expectDefended, schemeOf } from './exposure';
import { LOG_LEVELS, type LogLevel } from './log-level';
import type { Scheme } from './loopback';
import { ConfigError, type ReplicaConfig, type ReplicaIdentity } from './replica-config';
import { readSecret } from './secret-file';
import { loadSettings } from './settings/load-settings';

interface Flags {
  readonly config?: string;
  readonly data?: string;
  readonly host?: string;
  readonly port?: string;
  readonly mode?: string;
  readonly logLevel?: string;
  readonly recover?: boolean;
}

/**
 * The configuration of one replica process: flags before environment (`LOCKSTEP_DATA` ...) before the configuration file
 * before what the group's folder says. Throws `ConfigError` with one clear line; undefined when only help was asked for, and given.
 *
 * @param argv without the program: `process.argv.slice(2)`
 */
export async function loadReplicaConfig(
  argv: readonly string[],
): Promise<ReplicaConfig | undefined> {
  const flags = readFlags(argv);
  if (flags === undefined) return undefined;
  const settings = await loadSettings({
    file: flags.config,
    inline: process.env['LOCKSTEP_SETTINGS'],
  });
  const data = flags.data ?? settings.data;
  if (data === undefined)
    throw new ConfigError('--data', 'give the folder of this replica, as --data DIR/replica-0');
  const dataFolder = resolve(data);
  await expectWritable(dataFolder);
  const identity = await readIdentity(dataFolder);
  const url = new URL(identity.url);
  const host = flags.host ?? settings.listen.host ?? url.hostname.replace(/^\[|\]$/g, '');
  expectDefended(host, settings);
  expectScheme(identity, schemeOf(settings));
  const mode = flags.mode ?? settings.storage.mode ?? identity.mode;
  if (mode !== 'durable' && mode !== 'replicated')
    throw new ConfigError('--mode', `${mode} is neither durable nor replicated`);
  return {
    dataFolder,
    identity,
    secret: await readSecret(dataFolder),
    mode,
    recover: flags.recover === true,
    host,
    port: readPort('--port', flags.port ?? String(settings.listen.port ?? url.port)),
    logLevel: readLogLevel(flags.logLevel ?? settings.log.level ?? 'info'),
    settings,
  };
}

/** The address that the others of the group were told tells how to speak to it. */
function expectScheme({ url }: ReplicaIdentity, scheme: Scheme): void {
  if (new URL(url).protocol === `${scheme}:`) return;
  throw new ConfigError(
    'tls',
    scheme === 'https'
      ? `the address of this replica is ${url}: without TLS. How a group moves to it: docs/channels.md`
      : `the address of this replica is ${url}: give tls its certificate, key and ca`,
  );
}

function readFlags(argv: readonly string[]): Flags | undefined {
  const command = new Command('replica')
    .description('One replica of a group. `npm start` starts a whole group; see its --help.')
    .addOption(new Option('--config <file>', 'lockstep.yaml').env('LOCKSTEP_CONFIG'))
    .addOption(new Option('--data <dir>', 'folder of this replica').env('LOCKSTEP_DATA'))
    .addOption(new Option('--host <address>', 'where to listen').env('LOCKSTEP_HOST'))
    .addOption(new Option('--port <number>', 'where to listen').env('LOCKSTEP_PORT'))
    .addOption(new Option('--mode <mode>', 'durable or replicated').env('LOCKSTEP_MODE'))
    .addOption(new Option('--log-level <level>', LOG_LEVELS.join(', ')).env('LOCKSTEP_LOG_LEVEL'))
    .addOption(new Option('--recover', 'the whole disk was lost: come back by what others hold'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  try {
    return command.parse(argv, { from: 'user' }).opts<Flags>();
  } catch (fault) {
    if (!(fault instanceof CommanderError)) throw fault;
    if (fault.exitCode === 0) return undefined;
    throw new ConfigError('command line', fault.message.replace(/^error: /, ''));
  }
}

/** A TCP port that can be named beforehand. */
export function readPort(key: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    throw new ConfigError(key, `${text} is not a port from 1 to 65535`);
  return port;
}

function readLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((each) => each === text);
  if (level === undefined)
    throw new ConfigError('--log-level', `${text} is none of ${LOG_LEVELS.join(', ')}`);
  return level;
}

async function expectWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    throw new ConfigError('--data', `${folder} is not a folder this process may write to`);
  }
}
