import type { Command } from 'commander';
import { runReplica } from '../main';

/** `lockstep serve`: one replica, in the foreground. It reads its flags itself (`lockstep serve --help`). */
export function addServe(lockstep: Command): void {
  lockstep
    .command('serve')
    .description('runs one replica of a group in the foreground')
    .usage('--data DIR/replica-0 [flags]; all flags: lockstep serve --help')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action((_flags: unknown, command: Command) => runReplica(command.args));
}
