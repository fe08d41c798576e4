import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The top of the checkout: every step runs there, wherever the command was typed. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const show = (text) => process.stdout.write(text);

/**
 * Runs one command as a named step and tells its name and its seconds. The output of a step that
 * works is not shown, unless `live` is set: it is noise beside the one that fails. A step `beside`
 * another counts no seconds on the terminal's one line.
 * @returns {Promise<boolean>} whether the command exited with 0.
 */
export async function step(
  name,
  command,
  args,
  { env = {}, live = false, beside = false, note = '' } = {},
) {
  const started = performance.now();
  const stopClock = live || beside ? () => {} : startLine(name, note);
  if (live) show(`${name}\n`);
  const { code, output } = await run(command, args, { env, live });
  stopClock();
  const verdict = code === 0 ? 'ok' : 'FAILED';
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  show(`${name.padEnd(14)}${verdict.padEnd(7)}${seconds.padStart(6)} s\n`);
  if (code !== 0 && !live) show(`${output.trimEnd()}\n`);
  return code === 0;
}

/** On a terminal the running step counts its seconds; in a log it is one line before the result. */
function startLine(name, note) {
  if (!process.stdout.isTTY) {
    if (note) show(`${name.padEnd(14)}${note}\n`);
    return () => {};
  }
  const started = Date.now();
  const draw = () =>
    show(`\r\x1b[2K${name.padEnd(14)}${Math.round((Date.now() - started) / 1000)} s  ${note}`);
  draw();
  const clock = setInterval(draw, 1000);
  return () => {
    clearInterval(clock);
    show('\r\x1b[2K');
  };
}

function run(command, args, { env, live }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      // Nothing here asks a question, and a CI may have no stdin to give.
      stdio: live ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    child.stdout?.on('data', (bytes) => (output += bytes));
    child.stderr?.on('data', (bytes) => (output += bytes));
    child.on('error', (error) => resolve({ code: 1, output: `${command}: ${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
