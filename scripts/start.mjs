import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setUp } from './setup.mjs';
import { root, step } from './step.mjs';

// `npm start [-- flags]`: installs and builds what is missing, then hands over to the supervisor of
// the group, whose flags these are (`npm start -- --help`).
const supervisor = join(root, 'apps/server/dist/supervisor/main.js');
const args = process.argv.slice(2);

const onlyHelp = args.includes('--help') && existsSync(supervisor);
if (onlyHelp || ((await setUp()) && (await build()))) superviseGroup();
else process.exitCode = 1;

/** The compiler itself knows what is up to date. */
function build() {
  return step('build', join(root, 'node_modules/.bin/tsc'), ['-b', 'apps/server']);
}

function superviseGroup() {
  const child = spawn(process.execPath, [supervisor, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
