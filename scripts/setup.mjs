import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, step } from './step.mjs';

const oldestNode = [20, 19];
const lockfile = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.package-lock.json');
const stamp = join(root, 'node_modules', '.lockstep-installed');
const sqliteBinary = join(root, 'node_modules/sqlite3/build/Release/node_sqlite3.node');

/**
 * Makes the checkout ready to run: the dependencies of the lockfile, sqlite3 compiled from source.
 * Does nothing, and takes no time, when that has been done already.
 * @returns {Promise<boolean>} whether the checkout is ready; what is wrong has been printed if not.
 */
export async function setUp() {
  if (!nodeIsNewEnough()) return false;
  if (!installIsCurrent()) {
    const note = 'npm ci; sqlite3 is compiled from source, two or three minutes the first time';
    if (!(await step('install', 'npm', ['ci', ...quiet], { env: buildEnvironment(), note })))
      return false;
    writeFileSync(stamp, digestOf(lockfile));
  }
  return existsSync(sqliteBinary) || compileSqlite();
}

/** An install that was interrupted, or that ran with scripts switched off, has no binary. */
async function compileSqlite() {
  const args = ['rebuild', 'sqlite3', 'bufferutil', '--ignore-scripts=false', ...quiet];
  return step('sqlite3', 'npm', args, { env: buildEnvironment(), note: 'compiled from source' });
}

// Settings for one package's build look unknown to npm, which says so at every call.
const quiet = ['--loglevel=error', '--no-audit', '--no-fund'];

function buildEnvironment() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const env = {
    // Only this package: others read the bare word `true` as an order to compile themselves too.
    npm_config_build_from_source: 'sqlite3',
    JOBS: process.env.JOBS ?? 'max',
    // SQLite recommends -O2; the -O3 of node-gyp compiles a third longer.
    CFLAGS: process.env.CFLAGS ?? '-O2',
  };
  // With the headers beside the binary, node-gyp has nothing to download.
  if (existsSync(join(prefix, 'include/node/node.h'))) env.npm_config_nodedir = prefix;
  return env;
}

function installIsCurrent() {
  if (!existsSync(installed)) return false;
  // By content where we installed ourselves (a checkout touches the date), by date otherwise.
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digestOf(lockfile)) return true;
  return statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs;
}

function digestOf(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function nodeIsNewEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor] = oldestNode;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return true;
  process.stderr.write(
    `Lockstep needs Node ${oldestNode.join('.')} or newer; this is ${process.versions.node}.\n`,
  );
  return false;
}
