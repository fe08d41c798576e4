/** One entry of a tree, as a look at it shows it. */
export interface ObservedEntry {
  /** From the top, which is `.`. */
  readonly path: string;
  /** The path where the same inode was first seen: in the tree before, or else in this one. */
  readonly inode: string;
  readonly type: string;
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; null for a directory, of which every file system has its own idea. */
  readonly size: number | null;
  readonly target: string | null;
  /** `major:minor` of a device. */
  readonly rdev: string | null;
  /** Access, modification and change time: `=` as before, `now`, or nanoseconds that somebody set. */
  readonly times: readonly string[];
}

export interface OperationOutcome {
  /** `ok` or its name. */
  readonly errno: string;
  readonly result?: Readonly<Record<string, unknown>>;
}

/** What was seen of a play: what each operation of each scene said, and the tree at the end. */
export interface Observation {
  readonly scenes: readonly (readonly OperationOutcome[])[];
  readonly tree: readonly ObservedEntry[];
  /** Whether the whole tree, times included, was what it was before; false where nobody looked before. */
  readonly unchanged: boolean;
}

const NOW_FROM_NS = 1_600_000_000n * 1_000_000_000n;
const NOW_TO_NS = 2_100_000_000n * 1_000_000_000n;

/** Clocks differ: of a time near the present only that it is the present is told. */
export function momentOf(time: string): string {
  if (time === '=') return time;
  const ns = BigInt(time);
  return ns > NOW_FROM_NS && ns < NOW_TO_NS ? 'now' : time;
}

/**
 * Times with the present as `now`. To pass a symbolic link sets its access time on many file systems, and no look is
 * without passing: only one that somebody set is told.
 */
export function momentsOf(times: readonly string[], type: string): readonly string[] {
  const [access = '=', ...others] = times.map(momentOf);
  return [type === 'symlink' && access === 'now' ? '=' : access, ...others];
}

/** What two looks show differently, a line each; empty when they agree. */
export function differencesBetween(
  ours: Observation,
  theirs: Observation,
): readonly ObservedDifference[] {
  return [...outcomeDifferences(ours, theirs), ...treeDifferences(ours.tree, theirs.tree)];
}

export interface ObservedDifference {
  /** `errno`, `result`, `entry` for one that is missing on one side, or the field of an entry; times by their names. */
  readonly what: string;
  /** The path of an entry, or `scene.operation`. */
  readonly where: string;
  readonly ours: string;
  readonly theirs: string;
}

export const lineOf = ({ what, where, ours, theirs }: ObservedDifference): string =>
  `${what} of ${where}: ${ours} here, ${theirs} there`;

function outcomeDifferences(ours: Observation, theirs: Observation): ObservedDifference[] {
  return Array.from({ length: Math.max(ours.scenes.length, theirs.scenes.length) }, (_, scene) => {
    const [here, there] = [ours.scenes[scene] ?? [], theirs.scenes[scene] ?? []];
    return Array.from({ length: Math.max(here.length, there.length) }, (__, at) =>
      outcomeDifference(`${scene}.${at}`, here[at], there[at]),
    ).flat();
  }).flat();
}

function outcomeDifference(
  where: string,
  ours: OperationOutcome | undefined,
  theirs: OperationOutcome | undefined,
): ObservedDifference[] {
  const [here, there] = [ours?.errno ?? 'nothing', theirs?.errno ?? 'nothing'];
  if (here !== there) return [{ what: 'errno', where, ours: here, theirs: there }];
  // The answers to what changes something tell of the inode here, and nothing there.
  if (ours?.result === undefined || theirs?.result === undefined) return [];
  const [a, b] = [JSON.stringify(ours.result), JSON.stringify(theirs.result)];
  return a === b ? [] : [{ what: 'result', where, ours: a, theirs: b }];
}

const FIELDS = [
  'inode',
  'type',
  'mode',
  'nlink',
  'uid',
  'gid',
  'size',
  'target',
  'rdev',
] as const satisfies readonly (keyof ObservedEntry)[];
const TIMES = ['atime', 'mtime', 'ctime'];

export function treeDifferences(
  ours: readonly ObservedEntry[],
  theirs: readonly ObservedEntry[],
): ObservedDifference[] {
  const there = new Map(theirs.map((entry) => [entry.path, entry]));
  const here = new Set(ours.map(({ path }) => path));
  return [
    ...ours.flatMap((entry) => entryDifferences(entry, there.get(entry.path))),
    ...theirs
      .filter(({ path }) => !here.has(path))
      .map(({ path, type }) => ({ what: 'entry', where: path, ours: 'none', theirs: type })),
  ];
}

function entryDifferences(
  ours: ObservedEntry,
  theirs: ObservedEntry | undefined,
): ObservedDifference[] {
  const where = ours.path;
  if (theirs === undefined) return [{ what: 'entry', where, ours: ours.type, theirs: 'none' }];
  const differences = FIELDS.filter((field) => ours[field] !== theirs[field]).map((what) => ({
    what,
    where,
    ours: shown(what, ours[what]),
    theirs: shown(what, theirs[what]),
  }));
  TIMES.forEach((what, at) => {
    const [a = '=', b = '='] = [ours.times[at], theirs.times[at]];
    if (a !== b) differences.push({ what, where, ours: a, theirs: b } as never);
  });
  return differences;
}

const shown = (field: string, value: string | number | null): string =>
  field === 'mode' ? `0${Number(value).toString(8)}` : String(value);
