import { Command, CommanderError } from 'commander';
import { EXIT_REFUSED } from '../config/replica-config';
import { reasonOf } from '../storage/fault';
import { VERSION } from '../version';
import { addCertificates } from './certificates';
import { addDiagnose } from './diagnose';
import { EXIT_CODES_HELP, exitCodeOf } from './exit-codes';
import { addBackup } from './backup';
import { addRecoverGroup } from './recover-group';
import { addRestore } from './restore';
import { addHealth } from './health';
import { addInit } from './init';
import { addJoin } from './join';
import { addReconfigure } from './reconfigure';
import { addStatus } from './status';
import { addServe } from './serve';
import { addToken } from './token';

const HELP = `
Examples
  lockstep init --to FOLDER --replicas URL,URL,URL  the folders of a new group, one for each machine
  lockstep serve --data .lockstep/replica-0      one replica, as systemd or a container runs it
  lockstep serve --help                          what a command takes
${EXIT_CODES_HELP}

A whole group on one machine, for trying out: npm start.`;

/** Each adds itself, with its flags and its help. */
const COMMANDS = [
  addInit,
  addServe,
  addHealth,
  addStatus,
  addJoin,
  addReconfigure,
  addCertificates,
  addToken,
  addDiagnose,
  addBackup,
  addRestore,
  addRecoverGroup,
];

void run();

/** The program `lockstep`: one file a command in this folder. */
async function run(): Promise<void> {
  try {
    await program().parseAsync(process.argv.slice(2), { from: 'user' });
  } catch (fault) {
    if (fault instanceof CommanderError) {
      // Help was asked for and given; or the line was wrong, and Commander has said how.
      process.exitCode = fault.exitCode === 0 ? 0 : EXIT_REFUSED;
      return;
    }
    process.stderr.write(`lockstep: ${reasonOf(fault)}\n`);
    process.exitCode = exitCodeOf(fault);
  }
}

function program(): Command {
  const lockstep = new Command('lockstep')
    .description('Runs a replica of Lockstep, and looks after a group of them.')
    .version(VERSION)
    .addHelpText('after', HELP)
    .showHelpAfterError('(lockstep --help)')
    .exitOverride();
  for (const addTo of COMMANDS) addTo(lockstep);
  return lockstep;
}
