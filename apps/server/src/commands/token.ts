import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { sha256Of } from '../access/tokens/token-hash';
import { outputOption, writeResult, type OutputFormat } from './output';

const TOKEN_BYTES = 32;

interface Flags {
  readonly name: string;
  readonly role: string;
  readonly output: OutputFormat;
}

/** `lockstep token`: a random token for somebody, and the line for the configuration, which holds its hash alone. */
export function addToken(lockstep: Command): void {
  lockstep
    .command('token')
    .description('makes a random token, and the line for the configuration of the replicas')
    .requiredOption('--name <name>', 'of the principal')
    .option('--role <role>', 'reader, client or admin, on the whole group', 'client')
    .addOption(outputOption())
    .action(makeToken);
}

function makeToken({ name, role, output }: Flags): void {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const sha256 = sha256Of(token).toString('hex');
  const line = `    - ${JSON.stringify({ name, sha256, role })}`;
  const lines = [
    `token (give it to ${name}; it is shown once): ${token}`,
    'lockstep.yaml of every replica:',
    'auth:',
    '  tokens:',
    line,
  ];
  writeResult(output, lines, { token, name, sha256, role });
}
