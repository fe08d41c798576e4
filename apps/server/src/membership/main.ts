import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expectDefended, schemeOf } from '../config/exposure';
import { loadSettings } from '../config/settings/load-settings';
import { ConfigError, EXIT_FAILED, EXIT_REFUSED } from '../config/replica-config';
import { replicaFolder } from '../group-folder/group';
import { reasonOf } from '../storage/fault';
import { standardOutput as terminal } from '../supervisor/terminal';
import { GroupDoor, Refusal } from './group-door';
import { joinGroup, type Joined } from './join';
import { leaveGroup } from './leave';
import { readCommand, type MembershipCommand } from './options';
import { reconfigure } from './reconfigure';
import { fetchOf } from './trust';
import { findSupervised } from './where';

/** The group has said no. */
const EXIT_SAID_NO = 1;

void run();

async function run(): Promise<void> {
  try {
    const command = readCommand(process.argv.slice(2));
    if (command !== undefined) await carryOut(command);
  } catch (fault) {
    process.stderr.write(`lockstep: ${reasonOf(fault)}\n`);
    process.exitCode =
      fault instanceof Refusal
        ? EXIT_SAID_NO
        : fault instanceof ConfigError
          ? EXIT_REFUSED
          : EXIT_FAILED;
  }
}

async function carryOut(command: MembershipCommand): Promise<void> {
  switch (command.kind) {
    case 'join-supervised':
      introduce(await joinSupervised(command));
      break;
    case 'join-alone':
      return joinAlone(command);
    case 'reconfigure': {
      const { from, group, config, tokenFile } = command;
      const door =
        from === undefined
          ? (await findSupervised(group, tokenFile)).door
          : new GroupDoor(from, await fetchOf(config, process.cwd(), tokenFile));
      return reconfigure(door, command, terminal);
    }
    case 'leave':
      await leaveGroup(await findSupervised(command.group, command.tokenFile), command.replica);
      terminal.event(`replica ${command.replica}`, 'has left; its folder may be deleted');
  }
}

type Command<K> = Extract<MembershipCommand, { readonly kind: K }>;

async function joinSupervised({
  group: folder,
  role,
  port,
  tokenFile,
}: Command<'join-supervised'>): Promise<Joined> {
  const { door, replicas, secretFolder } = await findSupervised(folder, tokenFile);
  const [first] = replicas;
  const url = new URL(first?.url ?? '');
  const basePort = Number(url.port) - (first?.replicaNumber ?? 0);
  return joinGroup({
    door,
    secretFolder,
    role,
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    portFor: (number) => port ?? basePort + number,
    folderFor: (number) => replicaFolder(folder, number),
  });
}

async function joinAlone(command: Command<'join-alone'>): Promise<void> {
  const { from, data, secretFolder, host, port, role, config, tokenFile } = command;
  const settings = await loadSettings({ file: config });
  expectDefended(host, settings);
  const joined = await joinGroup({
    door: new GroupDoor(from, await fetchOf(config, secretFolder, tokenFile)),
    scheme: schemeOf(settings),
    secretFolder,
    role,
    host,
    portFor: () => port,
    folderFor: () => data,
  });
  introduce(joined);
  const flags = ['--data', data, ...(config === undefined ? [] : ['--config', config])];
  const replica = spawn(process.execPath, [join(__dirname, '..', 'main.js'), ...flags], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => replica.kill(signal));
  replica.once('exit', (code) => {
    process.exitCode = code ?? EXIT_FAILED;
  });
}

function introduce({ identity, folder }: Joined): void {
  const { replicaNumber, nodeId, url } = identity;
  terminal.event(`replica ${replicaNumber}`, `${nodeId} at ${url}, data ${folder}`);
  terminal.event('', 'it follows the group; what makes it a member:');
  terminal.event('', `npm run reconfigure -- --add ${replicaNumber}`);
}
