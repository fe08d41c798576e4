import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { ConfigError } from '../config/replica-config';
import { GroupDoor } from '../membership/group-door';
import { joinGroup } from '../membership/join';
import { addDoorOptions, AdminDoor, type DoorFlags } from './admin-door';
import { outputOption, writeResult, type OutputFormat } from './output';

interface Flags extends Partial<DoorFlags> {
  readonly at: string;
  readonly data: string;
  readonly secret: string;
  readonly role: 'active' | 'witness';
  readonly output: OutputFormat;
}

const HELP = `
Makes the folder of a replica that follows the group and has no vote; run it on the machine that it is
for, then start it (lockstep serve), then make it a member (lockstep reconfigure --add NUMBER). The
secret is the file of any replica of the group: bring it yourself, it never travels.

Example
  lockstep join --at https://d.example:7400 --data /var/lib/lockstep/replica --secret . --url https://a.example:7400`;

/** `lockstep join`: a number and a folder for a replica to be. (VRR §7.5) */
export function addJoin(lockstep: Command): void {
  addDoorOptions(
    lockstep
      .command('join')
      .description('makes the folder of a replica that follows a running group'),
  )
    .requiredOption('--at <url>', 'where it will be reached')
    .requiredOption('--data <folder>', 'its new folder')
    .requiredOption('--secret <folder>', 'a folder with the file secret of the group')
    .addOption(
      new Option('--role <role>', 'what it is to become')
        .choices(['active', 'witness'])
        .default('active'),
    )
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const { host, port, scheme } = placeOf(flags.at);
  const { urls, fetch } = await AdminDoor.open(flags);
  const { identity, folder } = await joinGroup({
    door: new GroupDoor(urls, fetch),
    secretFolder: resolve(flags.secret),
    role: flags.role,
    host,
    scheme,
    portFor: () => port,
    folderFor: () => resolve(flags.data),
  });
  const { replicaNumber, nodeId, url } = identity;
  writeResult(
    flags.output,
    [
      `replica ${replicaNumber}  ${nodeId} at ${url}, data ${folder}`,
      `Start it, then: lockstep reconfigure --add ${replicaNumber}`,
    ],
    { replicaNumber, id: nodeId, url, folder },
  );
}

function placeOf(text: string) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.port === '')
    throw new ConfigError('--at', `${text} is not like https://d.example:7400`);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port),
    scheme: url.protocol === 'https:' ? ('https' as const) : ('http' as const),
  };
}
