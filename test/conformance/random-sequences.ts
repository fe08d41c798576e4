import fc from 'fast-check';
import { GROUP, MEMBER, OTHER, OWNER, PLAIN, ROOT, SECOND_GROUP } from './actors';
import type { Actor, Operation } from './conformance-case';
import { DIFFERENCES } from './differences';
import {
  differencesBetween,
  lineOf,
  treeDifferences,
  type Observation,
  type ObservedDifference,
} from './observation';
import type { Machine } from './oracle/machine';
import type { Play, Scene } from './play';
import { knows, playOnStateMachine } from './state-machine';

export interface RandomRun {
  readonly sequences: number;
  readonly seed: number;
  /** Operations of one sequence, at most. */
  readonly lengthMax: number;
}

/**
 * Any operations of several users in one small tree, on the state machine and on the machine's file system: every
 * outcome and, at the end, the whole tree must be the same. Throws with the shortest sequence found that differs.
 */
export async function runRandomSequences(machine: Machine, run: RandomRun): Promise<void> {
  const scenes = machine.facts.root ? sceneOfMany : sceneOfOne;
  await fc.assert(
    fc.asyncProperty(fc.array(scenes, { minLength: 1, maxLength: run.lengthMax }), async (all) => {
      const play = playWith(all, machine.facts.root ? ROOT : PLAIN);
      const [theirs, ours] = await Promise.all([machine.play(play), playOnStateMachine(play)]);
      const differences = unexplained(play, ours, theirs, machine);
      if (differences.length > 0) throw new Error(told(play, ours, differences));
    }),
    { numRuns: run.sequences, seed: run.seed, endOnFailure: false },
  );
}

const playWith = (scenes: readonly Scene[], setupBy: Actor): Play => ({
  setup: [
    { kind: 'chmod', path: '.', mode: 0o777 },
    { kind: 'utimens', path: '.', atime: 'now', mtime: 'now' },
  ],
  setupBy,
  late: [],
  scenes,
  times: false,
});

/** From the first operation that differs for a known reason on, the trees are not the same and prove nothing. */
function unexplained(
  { scenes }: Play,
  ours: Observation,
  theirs: Observation,
  { facts }: Machine,
): readonly ObservedDifference[] {
  for (const [at, { ops }] of scenes.entries()) {
    const [difference] = differencesBetween(only(ours, at), only(theirs, at));
    if (difference === undefined) continue;
    const each = { name: '', setup: [], caller: ROOT, ops, expected: '' };
    const isExplained = DIFFERENCES.some((known) => known.explains(each, [difference], facts));
    return isExplained ? [] : [{ ...difference, where: `${at}` }];
  }
  // Reads set access times on the machine.
  return treeDifferences(ours.tree, theirs.tree).filter(({ what }) => what !== 'atime');
}

const only = ({ scenes }: Observation, at: number): Observation => ({
  scenes: scenes.slice(at, at + 1),
  tree: [],
  unchanged: false,
});

function told(
  { scenes }: Play,
  { scenes: outcomes }: Observation,
  differences: readonly ObservedDifference[],
): string {
  const steps = scenes.map(({ caller, ops }, at) => {
    const outcome = outcomes[at]?.at(-1)?.errno ?? 'nothing';
    return `${at}  uid ${caller.uid} umask 0${caller.umask.toString(8)}  ${JSON.stringify(ops)}  ${outcome}`;
  });
  return `\n${[...steps, ...differences.map(lineOf)].join('\n')}\n`;
}

const name = fc.constantFrom('a', 'b', 'c');
const anyComponent = fc.oneof(
  { weight: 12, arbitrary: name },
  { weight: 1, arbitrary: fc.constantFrom('.', '..') },
);

function pathOf(component: fc.Arbitrary<string>, starts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom(...starts),
      fc.array(component, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', '', '', '', '', '/'),
    )
    .map(([start, components, end]) => `${start}${components.join('/')}${end}`);
}

const anyPath = fc.oneof(
  { weight: 40, arbitrary: pathOf(anyComponent, ['', '', '', '/']) },
  { weight: 1, arbitrary: fc.constantFrom('', '/', '.', `a/${'n'.repeat(256)}`, 'n'.repeat(255)) },
);
const pathBelow = pathOf(name, ['', './']);

const mode = fc.constantFrom(
  ...[0o777, 0o755, 0o700, 0o770, 0o644, 0o1777, 0o2777, 0o3755, 0o6755, 0o2745, 0o555, 0o300, 0],
);
const wideMode = fc.constantFrom(0o777, 0o755, 0o700, 0o1777, 0o2777);
const uid = fc.constantFrom(-1, -1, 0, OWNER.uid, OTHER.uid);
const gid = fc.constantFrom(-1, -1, 0, OWNER.uid, GROUP, SECOND_GROUP);
const time = fc.constantFrom('now', 'omit', '5', '-1500000000', '4294967296999999999');
const flags = fc.constantFrom([], [], [], ['noreplace'], ['exchange'], ['exchange']);

interface Weighted {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Operation>;
}

/** Operations that everybody may try, with the paths and modes given. */
function operationWith(path: fc.Arbitrary<string>, bits: fc.Arbitrary<number>): Weighted[] {
  const of = (kind: string, fields: Record<string, fc.Arbitrary<unknown>>, weight = 1) => ({
    weight,
    arbitrary: fc.record({ kind: fc.constant(kind), ...fields }) as fc.Arbitrary<Operation>,
  });
  const follow = fc.boolean();
  return [
    // To find what exists is not to open it: seldom, for what comes after is not compared.
    of('create', { path, mode: bits, exclusive: fc.constantFrom(true, true, true, false) }, 2),
    of('mkdir', { path, mode: bits }, 4),
    of('mknod', { path, mode: bits, type: fc.constantFrom('file', 'fifo', 'socket') }),
    of('symlink', { path, target: path }, 2),
    of('unlink', { path }),
    of('rmdir', { path }),
    of('rename', { from: path, to: path, flags }, 5),
    of('chmod', { path, mode: bits }),
    of('utimens', { path, atime: time, mtime: time, follow }),
    of('truncate', { path, size: fc.constantFrom(-1, 0, 5, 5000) }),
    of('stat', { path, follow }),
    of('readlink', { path }),
    of('readdir', { path }),
    ...newerOperations(path),
  ];
}

const xattrName = fc.constantFrom('user.a', 'user.b');
const perm = fc.constantFrom(0, 2, 4, 5, 6, 7);
const list = fc.tuple(perm, perm, perm, perm, perm).map(([user, named, group, mask, other]) => [
  { tag: 'user-obj', perm: user },
  { tag: 'user', id: OTHER.uid, perm: named },
  { tag: 'group-obj', perm: group },
  { tag: 'mask', perm: mask },
  { tag: 'other', perm: other },
]);

/** Those that the state machine may not know yet. Bits of access lists show in modes, and in what is refused later. */
function newerOperations(path: fc.Arbitrary<string>): Weighted[] {
  const valueBase64 = fc.constantFrom('', 'eA==');
  const of = (kind: string, fields: Record<string, fc.Arbitrary<unknown>>): Weighted[] =>
    knows(kind)
      ? [
          {
            weight: 1,
            arbitrary: fc.record({ kind: fc.constant(kind), ...fields }),
          },
        ]
      : [];
  return [
    ...of('setxattr', { path, name: xattrName, valueBase64 }),
    ...of('getxattr', { path, name: xattrName }),
    ...of('removexattr', { path, name: xattrName }),
    ...of('setacl', { path, access: list }),
    ...of('setacl', { path, default: list }),
    ...of('open', { path, flags: openFlags, mode: fc.constantFrom(0o600, 0o644, 0o2755) }),
  ];
}

const openFlags = fc
  .tuple(
    fc.constantFrom('RDONLY', 'WRONLY', 'RDWR'),
    fc.constantFrom([], ['CREAT'], ['CREAT', 'EXCL'], ['TRUNC'], ['CREAT', 'TRUNC']),
    fc.constantFrom([], ['NOFOLLOW']),
  )
  .map(([how, made, followed]) => [how, ...made, ...followed, 'NONBLOCK']);

const umask = fc.constantFrom(0, 0o022, 0o077);
const link = fc.record({
  kind: fc.constant('link'),
  from: anyPath,
  to: anyPath,
  follow: fc.boolean(),
});

/** Root, and three who own, share groups and share nothing. */
const sceneOfMany: fc.Arbitrary<Scene> = fc.oneof(
  {
    weight: 20,
    arbitrary: sceneBy(
      fc.constantFrom(ROOT, OWNER, OWNER, MEMBER, OTHER),
      fc.oneof(...operationWith(anyPath, mode), {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('chown'),
          path: anyPath,
          uid,
          gid,
          follow: fc.boolean(),
        }),
      }),
    ),
  },
  // What others may link is no matter of POSIX. (fs.protected_hardlinks)
  { weight: 2, arbitrary: sceneBy(fc.constant(ROOT), link) },
);

/** What somebody who is nobody can show: without leaving the top or locking himself out. */
const sceneOfOne: fc.Arbitrary<Scene> = sceneBy(
  fc.constant(PLAIN),
  fc.oneof(...operationWith(pathBelow, wideMode)),
);

function sceneBy(
  actor: fc.Arbitrary<Actor>,
  operation: fc.Arbitrary<Operation>,
): fc.Arbitrary<Scene> {
  return fc
    .tuple(actor, umask, operation)
    .map(([who, mask, op]) => ({ caller: { ...who, umask: mask }, ops: [op] }));
}
