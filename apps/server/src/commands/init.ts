import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { GROUP_SIZE_MAX } from '../config/group-size';
import { ConfigError } from '../config/replica-config';
import { replicaFolder } from '../group-folder/group';
import { initGroupAt, type Place } from '../group-folder/init-group';
import { makeFolder } from '../group-folder/make-folder';
import type { DurabilityMode } from '../storage/replica-storage';
import { outputOption, writeResult, type OutputFormat } from './output';

const HELP = `
Makes one folder a replica, with the group's secret in each. Copy FOLDER/replica-0 to the first
machine, FOLDER/replica-1 to the second and so on, each to one machine alone, and remove FOLDER:
whoever has the secret is a replica. Never run two copies of one folder.

Examples
  lockstep init --to group --replicas https://a.example:7400,https://b.example:7400,https://c.example:7400
  lockstep init --to group --replicas https://a:7400,https://b:7400,https://c:7400 --witness https://c:7400`;

interface Flags {
  readonly to: string;
  readonly replicas: string;
  readonly witness: readonly string[];
  readonly mode: DurabilityMode;
  readonly output: OutputFormat;
}

/** `lockstep init`: a new group whose replicas will run on machines of their own. */
export function addInit(lockstep: Command): void {
  lockstep
    .command('init')
    .description('makes the folders of a new group')
    .requiredOption('--to <folder>', 'where to make them; it must be empty, or not be there yet')
    .requiredOption(
      '--replicas <urls>',
      `where each will be reached: 1 or 3 to ${GROUP_SIZE_MAX}, with commas`,
    )
    .option('--witness <url>', 'one of them that holds no state; may be given again', collect, [])
    .addOption(
      new Option('--mode <mode>', 'what an acknowledgement means')
        .choices(['durable', 'replicated'])
        .default('durable'),
    )
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(init);
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

async function init(flags: Flags): Promise<void> {
  const places = placesOf(flags);
  const folder = resolve(flags.to);
  await makeFolder(folder);
  if ((await readdir(folder)).length > 0)
    throw new ConfigError('--to', `${folder} is not empty: a new group needs a folder of its own`);
  const { replicas } = await initGroupAt({ folder, mode: flags.mode, places });
  const made = replicas.map(({ replicaNumber, nodeId, url }) => ({
    folder: replicaFolder(folder, replicaNumber),
    id: nodeId,
    url,
  }));
  const [first] = replicas;
  writeResult(
    flags.output,
    [
      `group ${first?.groupId ?? ''}, ${flags.mode}`,
      ...made.map((each) => `${each.folder}  ${each.url}  ${each.id}`),
      'Copy each folder to its machine, one to each, then remove them here.',
    ],
    { groupId: first?.groupId, mode: flags.mode, replicas: made },
  );
}

/** Throws `ConfigError` that names the flag. */
export function placesOf({ replicas, witness }: Pick<Flags, 'replicas' | 'witness'>): Place[] {
  const urls = replicas.split(',').map((url) => originOf('--replicas', url.trim()));
  const witnesses = new Set(witness.map((url) => originOf('--witness', url)));
  expectGroup(urls);
  for (const url of witnesses)
    if (!urls.includes(url)) throw new ConfigError('--witness', `${url} is none of --replicas`);
  if (witnesses.size > (urls.length - 1) / 2)
    throw new ConfigError(
      '--witness',
      `of ${urls.length} replicas at most ${(urls.length - 1) >> 1} may be witnesses`,
    );
  // The first views belong to the first replicas, which should be actives.
  const actives = urls.filter((url) => !witnesses.has(url));
  return [
    ...actives.map((url): Place => ({ url, role: 'active' })),
    ...[...witnesses].map((url): Place => ({ url, role: 'witness' })),
  ];
}

function expectGroup(urls: readonly string[]): void {
  const twice = urls.find((url, at) => urls.indexOf(url) !== at);
  if (twice !== undefined) throw new ConfigError('--replicas', `${twice} is given twice`);
  if (urls.length === 2)
    throw new ConfigError(
      '--replicas',
      'two survive no failure, and either stops both: take 1 or 3',
    );
  if (urls.length > GROUP_SIZE_MAX)
    throw new ConfigError('--replicas', `there may be at most ${GROUP_SIZE_MAX}`);
}

function originOf(flag: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.port === '')
    throw new ConfigError(flag, `${text} is not like https://a.example:7400`);
  if (url.pathname !== '/' || url.search !== '' || url.username !== '')
    throw new ConfigError(flag, `${text} has more than a host and a port`);
  return url.origin;
}
