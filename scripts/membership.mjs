import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setUp } from './setup.mjs';
import { root, step } from './step.mjs';

// `npm run join | reconfigure | leave [-- flags]`: who belongs to a running group (docs/reconfiguration.md).
const program = join(root, 'apps/server/dist/membership/main.js');
const args = process.argv.slice(2);

const onlyHelp = args.includes('--help') && existsSync(program);
if (onlyHelp || ((await setUp()) && (await build()))) run();
else process.exitCode = 1;

function build() {
  return step('build', join(root, 'node_modules/.bin/tsc'), ['-b', 'apps/server']);
}

function run() {
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
