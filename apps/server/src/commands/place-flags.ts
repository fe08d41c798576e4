import { Option, type Command } from 'commander';
import { GROUP_SIZE_MAX, mayHaveWitnesses } from '../config/group-size';
import { ConfigError } from '../config/replica-config';
import { placesInARow, type Place } from '../group-folder/init-group';
import { DEFAULT_HOST, DEFAULT_PORT, DEFAULT_REPLICAS } from '../group-folder/defaults';
import { placesOf } from './init';
import { readCount } from './numbers';

/** Where the replicas of a group will be: in a row on one machine, or each where its URL says. */
export interface PlaceFlags {
  readonly replicas: string;
  readonly witnesses: string;
  readonly witness: readonly string[];
  readonly host: string;
  readonly basePort: string;
}

export const addPlaceFlags = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--replicas <number or urls>',
        'how many on this machine, or where each will be',
      ).default(String(DEFAULT_REPLICAS)),
    )
    .option('--witnesses <number>', 'of a number of replicas, how many hold no state', '0')
    .option('--witness <url>', 'of several URLs, one that holds no state', collect, [])
    .option('--host <address>', 'of a number of replicas, where they listen', DEFAULT_HOST)
    .option(
      '--base-port <number>',
      'of the first of them; each has the next',
      String(DEFAULT_PORT),
    );

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** Throws `ConfigError` that names the flag. */
export function readPlaces(flags: PlaceFlags): readonly Place[] {
  if (flags.replicas.includes('://')) return placesOf(flags);
  const replicas = readCount('--replicas', flags.replicas, 1, GROUP_SIZE_MAX);
  const witnesses = readCount('--witnesses', flags.witnesses, 0, replicas);
  if (replicas === 2 || !mayHaveWitnesses(replicas, witnesses))
    throw new ConfigError(
      '--replicas',
      `${replicas} with ${witnesses} witnesses is no group: 1 or 3 to 9, witnesses none or (n - 1) / 2 of an odd n`,
    );
  const basePort = readCount('--base-port', flags.basePort, 1, 65_536 - replicas);
  return placesInARow({ replicas, witnesses, host: flags.host, basePort });
}
