import { fileOperation, type Files, type InodeType, type Operation } from '@lockstep/client';
import { fromWire, join, toWire, type BytePath } from './byte-path';

/** Makes names that nobody else makes. */
export type FreshName = (prefix: string) => BytePath;

interface Entry {
  readonly name: BytePath;
  readonly type: InodeType;
}

interface Place {
  readonly directory: BytePath;
  readonly entries: readonly Entry[];
}

const MODES = [0o644, 0o600, 0o755, 0o4755, 0o2750, 0o1777];
/** Enough of a directory to choose from. */
const LOOK_AT = 200;

/**
 * Something to do in this area, that can be done as long as nobody else changes the area meanwhile: only the lock makes
 * it so. Looks at the tree with linearizable reads first, as a program would.
 */
export async function chooseOperation(
  files: Files,
  area: BytePath,
  fresh: FreshName,
): Promise<Operation> {
  const place = await somewhere(files, area);
  const choices = CHOICES.filter((choice) => choice.can(place));
  const weight = choices.reduce((sum, choice) => sum + choice.weight, 0);
  let ticket = Math.random() * weight;
  const choice = choices.find((each) => (ticket -= each.weight) < 0) ?? choices[0]!;
  return choice.operation(place, fresh);
}

/** Moves something of one area into another. Needs the locks of both. */
export async function chooseMove(
  files: Files,
  from: BytePath,
  to: BytePath,
  fresh: FreshName,
): Promise<Operation> {
  const [source, target] = [await somewhere(files, from), await somewhere(files, to)];
  const entry = any(source.entries);
  if (entry === undefined) {
    return fileOperation.create(toWire(join(target.directory, fresh('f'))), { mode: 0o644 });
  }
  return fileOperation.rename(
    toWire(join(source.directory, entry.name)),
    toWire(join(target.directory, fresh('r'))),
  );
}

/** The name an operation makes or changes: what a read after it must find. */
export function whatItLeaves(op: Operation): unknown {
  if (op.kind === 'unlink' || op.kind === 'rmdir') return undefined;
  return op['to'] ?? op['path'];
}

interface Choice {
  readonly weight: number;
  can(place: Place): boolean;
  operation(place: Place, fresh: FreshName): Operation;
}

const always = (): boolean => true;
const hasAny = ({ entries }: Place): boolean => entries.length > 0;
const isLeaf = ({ type }: Entry): boolean => type !== 'dir';
/** A symbolic link has no mode of its own. */
const hasMode = ({ type }: Entry): boolean => type !== 'symlink';
const hasLeaf = ({ entries }: Place): boolean => entries.some(isLeaf);
const within = ({ directory }: Place, name: BytePath) => toWire(join(directory, name));
const anyLeaf = ({ entries }: Place): BytePath => any(entries.filter(isLeaf))!.name;
const mode = (): { mode: number } => ({ mode: any(MODES)! });

const CHOICES: readonly Choice[] = [
  {
    weight: 30,
    can: always,
    operation: (place, fresh) =>
      fileOperation.create(within(place, fresh('f')), { ...mode(), exclusive: true }),
  },
  {
    weight: 10,
    can: always,
    operation: (place, fresh) => fileOperation.mkdir(within(place, fresh('d')), mode()),
  },
  {
    weight: 25,
    can: hasAny,
    operation: (place, fresh) =>
      fileOperation.rename(within(place, any(place.entries)!.name), within(place, fresh('r'))),
  },
  {
    weight: 15,
    can: hasLeaf,
    operation: (place) => fileOperation.unlink(within(place, anyLeaf(place))),
  },
  {
    weight: 8,
    can: ({ entries }) => entries.some(hasMode),
    operation: (place) => {
      const path = within(place, any(place.entries.filter(hasMode))!.name);
      return fileOperation.chmod(path, any(MODES)!);
    },
  },
  {
    weight: 5,
    can: always,
    operation: (place, fresh) => fileOperation.symlink(fresh('nowhere'), within(place, fresh('s'))),
  },
  {
    weight: 7,
    can: hasLeaf,
    operation: (place, fresh) =>
      fileOperation.link(within(place, anyLeaf(place)), within(place, fresh('l'))),
  },
];

/** A directory of the area, near its top more often than deep. */
async function somewhere(files: Files, area: BytePath): Promise<Place> {
  let directory = area;
  for (;;) {
    const { entries } = await files.readdir(toWire(directory), { limit: LOOK_AT });
    const here = entries.map(({ name, type }) => ({ name: fromWire(name), type }));
    const below = any(here.filter(({ type }) => type === 'dir'));
    if (below === undefined || Math.random() < 0.4) return { directory, entries: here };
    directory = join(directory, below.name);
  }
}

const any = <T>(list: readonly T[]): T | undefined => list[Math.floor(Math.random() * list.length)];
