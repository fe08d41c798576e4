import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import fc from 'fast-check';
import type { FileOperation } from '../wire/operations';
import { at, bytesOf, PLAIN, PLAIN_DIRECTORY, SoloFiles, type SoloProcess } from './solo-files';

/*
 * The same operations by our file system and by the one of the machine: the same errno, and the same tree after each.
 * Left out are: paths from `/`, which is another one there; links by others than root, which many systems restrict
 * (fs.protected_hardlinks); what `open` and `ftruncate` ask of the permissions of a file that exists, since we open
 * nothing; sizes of directories; and, where a file system does not count subdirectories, their links.
 */

interface User {
  readonly uid: number;
  readonly gids: readonly number[];
}

const isRoot = process.getuid?.() === 0;
const ROOT: User = { uid: 0, gids: [0] };
const USERS: readonly User[] = isRoot
  ? [ROOT, { uid: 1001, gids: [1001, 2000] }, { uid: 1002, gids: [1002, 2000] }]
  : [{ uid: process.getuid?.() ?? 0, gids: [process.getgid?.() ?? 0] }];

/** One operation, done here and there. */
interface Step {
  readonly op: FileOperation;
  readonly real: () => void;
  /** Only root and the machine agree on it. */
  readonly rootOnly?: boolean;
}

const component = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('a', 'b', 'c') },
  { weight: 1, arbitrary: fc.constantFrom('.', '..') },
);
const anyPath = fc.oneof(
  {
    weight: 30,
    arbitrary: fc
      .tuple(fc.array(component, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '', '', '/'))
      .map(([parts, end]) => parts.join('/') + end),
  },
  { weight: 1, arbitrary: fc.constantFrom('', 'n'.repeat(256), `a/${'n'.repeat(256)}`) },
);
const mode = fc.constantFrom(0o777, 0o755, 0o700, 0o644, 0o1777, 0o2777, 0o6755, 0o555, 0o300, 0);
const id = fc.constantFrom(-1, -1, 0, 1001, 1002, 2000);
const { O_CREAT, O_EXCL, O_NONBLOCK } = fs.constants;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(anyPath, mode, fc.boolean()).map(([p, m, exclusive]) => ({
    op: { kind: 'create' as const, path: bytesOf(p), mode: m, exclusive, ...PLAIN },
    real: () => {
      fs.closeSync(fs.openSync(p, O_CREAT | O_NONBLOCK | (exclusive ? O_EXCL : 0), m));
    },
    rootOnly: !exclusive,
  })),
  ...[1, 2].map(() =>
    fc.tuple(anyPath, mode).map(([p, m]) => ({
      op: { kind: 'mkdir' as const, path: bytesOf(p), mode: m, ...PLAIN_DIRECTORY },
      real: () => {
        fs.mkdirSync(p, m);
      },
    })),
  ),
  fc.tuple(anyPath, anyPath).map(([target, p]) => ({
    op: { kind: 'symlink' as const, path: bytesOf(p), target: bytesOf(target) },
    real: () => {
      fs.symlinkSync(target, p);
    },
  })),
  fc.tuple(anyPath, anyPath).map(([from, to]) => ({
    op: { kind: 'link' as const, from: bytesOf(from), to: bytesOf(to), follow: false },
    real: () => {
      fs.linkSync(from, to);
    },
    rootOnly: true,
  })),
  anyPath.map((p) => ({
    op: { kind: 'unlink' as const, path: bytesOf(p) },
    real: () => {
      fs.unlinkSync(p);
    },
  })),
  anyPath.map((p) => ({
    op: { kind: 'rmdir' as const, path: bytesOf(p) },
    real: () => {
      fs.rmdirSync(p);
    },
  })),
  ...[1, 2, 3].map(() =>
    fc.tuple(anyPath, anyPath).map(([from, to]) => ({
      op: {
        kind: 'rename' as const,
        from: bytesOf(from),
        to: bytesOf(to),
        noreplace: false,
        exchange: false,
        whiteout: false,
      },
      real: () => {
        fs.renameSync(from, to);
      },
    })),
  ),
  fc.tuple(anyPath, mode).map(([p, m]) => ({
    op: { kind: 'chmod' as const, object: at(p), mode: m },
    real: () => {
      fs.chmodSync(p, m);
    },
  })),
  fc.tuple(anyPath, id, id, fc.boolean()).map(([p, uid, gid, follow]) => ({
    op: {
      kind: 'chown' as const,
      object: at(p, follow),
      uid: uid < 0 ? undefined : uid,
      gid: gid < 0 ? undefined : gid,
    },
    real: () => {
      (follow ? fs.chownSync : fs.lchownSync)(p, uid, gid);
    },
  })),
  fc.tuple(anyPath, fc.boolean()).map(([p, follow]) => ({
    op: {
      kind: 'utimens' as const,
      object: at(p, follow),
      atime: { kind: 'set' as const, seconds: 5n, nanos: 0 },
      mtime: { kind: 'set' as const, seconds: 4_294_967_296n, nanos: 0 },
    },
    real: () => {
      (follow ? fs.utimesSync : fs.lutimesSync)(p, 5, 4_294_967_296);
    },
  })),
  fc.tuple(anyPath, fc.constantFrom(0, 5, 5000)).map(([p, size]) => ({
    op: { kind: 'truncate' as const, object: at(p), size: BigInt(size) },
    real: () => {
      fs.truncateSync(p, size);
    },
    rootOnly: true,
  })),
  fc.tuple(anyPath, fc.boolean()).map(([p, follow]) => ({
    op: { kind: 'stat' as const, object: at(p, follow) },
    real: () => void (follow ? fs.statSync : fs.lstatSync)(p),
  })),
  anyPath.map((p) => ({
    op: { kind: 'readlink' as const, object: at(p, false) },
    real: () => void fs.readlinkSync(p),
  })),
  anyPath.map((p) => ({
    op: { kind: 'readdir' as const, object: at(p), after: undefined, limit: 100, plus: false },
    real: () => void fs.readdirSync(p),
  })),
);

const plays = fc.array(fc.tuple(step, fc.constantFrom(...USERS), fc.constantFrom(0, 0o022)), {
  minLength: 20,
  maxLength: 60,
});

/** Directories above the one we work in: what climbs by `..` stays inside them, and no name of a test is there. */
const NEST = Array<string>(8).fill('nest').join('/');

const FORMATS: Readonly<Record<number, string>> = {
  0o100000: 'file',
  0o040000: 'dir',
  0o120000: 'symlink',
};

describe('the file system of Linux', () => {
  const outside = process.cwd();
  let umask: number;
  let top: string;
  let countsSubdirectories: boolean;

  beforeEach(() => {
    umask = process.umask(0);
    top = fs.mkdtempSync(path.join(os.tmpdir(), 'lockstep-'));
    fs.chmodSync(top, 0o755);
  });

  afterEach(() => {
    process.umask(umask);
    process.chdir(outside);
    fs.rmSync(top, { recursive: true, force: true });
  });

  function startReal(run: number): void {
    process.umask(0);
    const nest = path.join(top, `${run}`, NEST);
    fs.mkdirSync(nest, { recursive: true, mode: 0o777 });
    process.chdir(nest);
    countsSubdirectories = fs.lstatSync('..').nlink === 3;
  }

  function startOurs(): { readonly files: SoloFiles; readonly root: SoloProcess } {
    const files = new SoloFiles();
    const root = files.process();
    root.mkdir('/run', 0o777);
    NEST.split('/').forEach((_, depth, all) =>
      root.mkdir(`/run/${all.slice(0, depth + 1).join('/')}`, 0o777),
    );
    return { files, root: files.process({ cwd: root.attributes(`/run/${NEST}`).ino }) };
  }

  function ours(root: SoloProcess, directory = '.'): readonly unknown[] {
    return root.names(directory).flatMap((name) => {
      const where = `${directory}/${name}`;
      const { type, mode: bits, nlink, uid, gid, size, mtime } = root.attributes(where);
      const isDirectory = type === 'dir';
      const links = isDirectory && !countsSubdirectories ? 0 : nlink;
      const explicit = mtime.seconds === 4_294_967_296;
      const line = [where, type, bits, links, uid, gid, isDirectory ? 0 : size, explicit];
      return [line, ...(isDirectory ? ours(root, where) : [])];
    });
  }

  function theirs(directory = '.'): readonly unknown[] {
    return fs
      .readdirSync(directory)
      .sort()
      .flatMap((name) => {
        const where = `${directory}/${name}`;
        const found = fs.lstatSync(where);
        const isDirectory = found.isDirectory();
        const links = isDirectory && !countsSubdirectories ? 0 : found.nlink;
        const explicit = found.mtimeMs === 4_294_967_296_000;
        const line = [
          where,
          FORMATS[found.mode & 0o170000],
          found.mode & 0o7777,
          links,
          found.uid,
          found.gid,
          isDirectory ? 0 : found.size,
          explicit,
        ];
        return [line, ...(isDirectory ? theirs(where) : [])];
      });
  }

  function asUser(user: User, work: () => void): string {
    const [effective = 0, ...others] = user.gids;
    if (isRoot) {
      process.setgroups?.(others);
      process.setegid?.(effective);
      process.seteuid?.(user.uid);
    }
    try {
      work();
      return 'ok';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'no errno';
    } finally {
      if (isRoot) {
        process.seteuid?.(0);
        process.setegid?.(0);
        process.setgroups?.([0]);
      }
    }
  }

  const onLinux = process.platform === 'linux' ? it : it.skip;

  onLinux('gives the same errno and the same tree for the same operations', () => {
    let run = 0;
    fc.assert(
      fc.property(plays, (play) => {
        startReal((run += 1));
        const { files, root } = startOurs();
        for (const [{ op, real, rootOnly }, anyone, mask] of play) {
          const user = rootOnly === true && isRoot ? ROOT : anyone;
          const { cwd } = root.caller;
          const ourCode = files.process({ ...user, umask: mask, cwd }).call(op);
          process.umask(mask);
          const theirCode = asUser(user, real);
          expect([op, user, ourCode]).toEqual([op, user, theirCode]);
          if (theirCode === 'ok') expect([op, user, ours(root)]).toEqual([op, user, theirs()]);
        }
        expect(ours(root)).toEqual(theirs());
      }),
      { numRuns: 60, seed: 20_12, endOnFailure: true },
    );
  });
});
