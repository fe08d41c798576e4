import { PLAIN, ROOT } from './actors';
import type { Actor, ConformanceCase, Operation } from './conformance-case';

/** One request of one caller. */
export interface Scene {
  readonly caller: Actor;
  readonly ops: readonly Operation[];
}

/** What is played on a state machine, over REST and on the machine's own file system alike. */
export interface Play {
  readonly setup: readonly Operation[];
  readonly setupBy: Actor;
  readonly late: readonly Operation[];
  readonly scenes: readonly Scene[];
  /** Whether the tree is looked at before too, so that it shows which times changed. */
  readonly times: boolean;
}

export const playOf = ({ setup, setupBy, late, caller, ops }: ConformanceCase): Play => ({
  setup,
  setupBy: setupBy ?? ROOT,
  late: late ?? [],
  scenes: [{ caller, ops }],
  times: true,
});

/** Whether every path stays below the top when the top is a directory like any other. */
export function staysBelow({ setup, late, scenes }: Play): boolean {
  const ops = [...setup, ...late, ...scenes.flatMap((scene) => scene.ops)];
  return ops.every((op) =>
    ['path', 'from', 'to', 'target'].every((field) => {
      const path = op[field];
      return typeof path !== 'string' || !climbs(path);
    }),
  );
}

/** As far as the looks of a path tell: what goes up may go up past the top, where a link went before. */
const climbs = (path: string): boolean => path.startsWith('/') || path.split('/').includes('..');

/** Whether only root on the machine can play it: it acts for others, leaves its directory, or looks where it may not. */
export function needsRoot(play: Play): boolean {
  const ops = [...play.setup, ...play.scenes.flatMap((scene) => scene.ops)];
  return (
    play.setupBy !== PLAIN ||
    play.late.length > 0 ||
    play.scenes.some(({ caller }) => caller !== PLAIN) ||
    !staysBelow(play) ||
    ops.some((op) => op.kind === 'setacl' || op.kind === 'setflags' || locksOut(op))
  );
}

/** Whether its own user could not look at the tree afterwards. */
function locksOut({ kind, mode }: Operation): boolean {
  const makesDirectories = kind === 'mkdir' || kind === 'chmod';
  return makesDirectories && typeof mode === 'number' && (mode & 0o700) !== 0o700;
}

/** What of a machine's file system a play needs beyond what all have. */
export function abilitiesFor({ setup, scenes }: Play): readonly string[] {
  return [...setup, ...scenes.flatMap(({ ops }) => ops)].flatMap((op) => {
    if (op.kind === 'setflags') return ['flags'];
    if (op.kind.endsWith('xattr')) return ['xattr'];
    if (op.kind.endsWith('acl')) return ['acl'];
    if (op.kind === 'rename' && op['flags'] !== undefined) return ['rename'];
    return op.kind === 'chmod' && op['follow'] === false ? ['fchmodat2'] : [];
  });
}
