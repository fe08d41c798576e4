import type { Command } from 'commander';

/** `lockstep serve`: one replica, in the foreground. It reads its flags itself (`lockstep serve --help`). */
export function addServe(lockstep: Command): void {
  lockstep
    .command('serve')
    .description('runs one replica of a group in the foreground')
    .usage('--data DIR/replica-0 [flags]; all flags: lockstep serve --help')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (_flags: unknown, command: Command) => {
      // The whole server: no other command waits for it to be loaded.
      const { runReplica } = await import('../main.js');
      await runReplica(command.args);
    });
}
