import type { ConformanceCase, ExpectedEntry } from './conformance-case';
import type { Observation, ObservedEntry } from './observation';

/** Where what was seen is not what the case expects, a line each; empty when the case passes. */
export function faultsOf(each: ConformanceCase, seen: Observation): readonly string[] {
  return [...outcomeFaults(each, seen), ...treeFaults(each, seen), ...traceFaults(each, seen)];
}

export const errnoOf = ({ scenes }: Observation): string => scenes[0]?.at(-1)?.errno ?? 'nothing';

function outcomeFaults(
  { ops, expected, result }: ConformanceCase,
  seen: Observation,
): readonly string[] {
  const answered = seen.scenes[0] ?? [];
  const errno = errnoOf(seen);
  if (errno !== expected) return [`it says ${errno}, not ${expected}`];
  if (answered.length !== ops.length && expected === 'ok')
    return [`${answered.length} of ${ops.length} operations were answered`];
  return differingFields(answered.at(-1)?.result ?? {}, result ?? {}).map(
    (field) => `the result is ${field}`,
  );
}

function treeFaults({ after = {} }: ConformanceCase, { tree }: Observation): readonly string[] {
  const entries = new Map(tree.map((entry) => [entry.path, entry]));
  return Object.entries(after).flatMap(([path, expected]) =>
    entryFaults(entries.get(path), expected).map((fault) => `${path}: ${fault}`),
  );
}

function entryFaults(
  found: ObservedEntry | undefined,
  expected: ExpectedEntry | null,
): readonly string[] {
  if (expected === null) return found === undefined ? [] : ['it is there'];
  return found === undefined ? ['it is missing'] : differingFields(found, expected);
}

/** Only what is expected is looked at. */
function differingFields(found: object, expected: object): readonly string[] {
  const there = new Map<string, unknown>(Object.entries(found));
  return Object.entries(expected)
    .filter(([field, value]) => JSON.stringify(there.get(field)) !== JSON.stringify(value))
    .map(
      ([field, value]) =>
        `${field} ${JSON.stringify(there.get(field))}, not ${JSON.stringify(value)}`,
    );
}

/** A failing operation changes nothing, in the whole tree. (files: the POSIX rules) */
function traceFaults({ ops, expected }: ConformanceCase, seen: Observation): readonly string[] {
  if (expected === 'ok' || ops.length > 1 || seen.unchanged) return [];
  return ['it failed and changed something'];
}
