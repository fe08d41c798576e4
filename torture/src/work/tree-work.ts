import type { Chance } from '../chance';
import type { Caller } from '../clients/caller';
import type { Question } from '../history/history';
import type { Tree } from '../models/tree';
import { changeAs, readAs } from './ask';
import type { Subject } from './subject';

/** So few that clients meet; `s` and `t` are sometimes directories, with names below. */
const NAMES = ['a', 'b', 's', 't', 's/x', 's/y', 't/x'] as const;
const MODES = [0o600, 0o644, 0o700, 0o755] as const;

export const rootOf = (name: string): string => `/${name}`;

/** Changes the names below one directory, or looks at them. */
export async function useTree(
  subject: Subject<Tree>,
  caller: Caller,
  chance: Chance,
): Promise<void> {
  const root = rootOf(subject.name);
  if (chance.happens(0.35)) {
    await readAs(subject, caller, { service: 'files', root, ...lookAt(chance) }, chance);
    return;
  }
  const question = caller.takesTransactions && chance.happens(0.15) ? txn(chance) : change(chance);
  await changeAs(subject, caller, { service: 'files', root, ...question }, chance);
}

type Asked = Omit<Question, 'service'> & { readonly kind: string };

function lookAt(chance: Chance): Asked {
  if (chance.happens(0.6)) return { kind: 'stat', path: chance.of(NAMES) };
  return { kind: 'readdir', path: chance.of(['', 's', 't']) };
}

function change(chance: Chance): Asked {
  const [path, other] = chance.shuffled(NAMES);
  const mode = chance.of(MODES);
  const share = chance.next();
  if (share < 0.3) return { kind: 'create', path, mode, exclusive: true };
  if (share < 0.42) return { kind: 'mkdir', path: chance.of(['s', 't', 's/x']), mode };
  if (share < 0.58) return { kind: 'unlink', path };
  if (share < 0.66) return { kind: 'rmdir', path: chance.of(['s', 't', 's/x']) };
  if (share < 0.84) return { kind: 'rename', from: path, to: other };
  if (share < 0.93) return { kind: 'link', from: path, to: other };
  return { kind: 'chmod', path, mode };
}

/** One condition, and one change whichever way it goes. */
function txn(chance: Chance): Asked {
  return {
    kind: 'txn',
    if: { path: chance.of(NAMES), exists: chance.happens(0.5) },
    then: change(chance),
    else: change(chance),
  };
}
