import { kindsOf, type ConformanceCase, type Family } from './conformance-case';
import { DIFFERENCES, type ExplainedDifference } from './differences';
import { KNOWN_FAULTS, type KnownFault } from './known-faults';
import {
  differencesBetween,
  lineOf,
  type Observation,
  type ObservedDifference,
} from './observation';
import type { Machine } from './oracle/machine';
import { needsRoot, playOf } from './play';
import { knows, playOnStateMachine } from './state-machine';
import { errnoOf, faultsOf } from './verdict';

/** What became of one case: on the state machine, and, with a machine to ask, on its file system. */
export interface Examined {
  readonly each: ConformanceCase;
  /** Why the state machine was not asked. */
  readonly unknown: string | undefined;
  /** Where the state machine does not do what is expected. */
  readonly faults: readonly string[];
  readonly knownFault: KnownFault | undefined;
  readonly machine: 'not asked' | 'left out' | 'the same' | 'explained' | 'unexplained';
  readonly explanation: ExplainedDifference | undefined;
  /** How the machine differs. */
  readonly differences: readonly string[];
}

/** As many plays are under way at once: the machine's process always has work. */
const AT_ONCE = 50;

/** Examines every case of a family whose name `filter` fits. */
export async function examine(
  family: Family,
  machine?: Machine,
  filter: RegExp = /^/,
): Promise<readonly Examined[]> {
  const cases = family.cases().filter(({ name }) => filter.test(`${family.name}: ${name}`));
  const examined: Examined[] = [];
  for (let at = 0; at < cases.length; at += AT_ONCE) {
    const some = cases.slice(at, at + AT_ONCE);
    examined.push(...(await Promise.all(some.map((each) => examineCase(each, machine)))));
  }
  return examined;
}

async function examineCase(each: ConformanceCase, machine: Machine | undefined): Promise<Examined> {
  const play = playOf(each);
  const isAsked = machine !== undefined && (machine.facts.root || !needsRoot(play));
  const theirs = isAsked ? machine.play(play) : undefined;
  const unknown = kindsOf(each).find((kind) => !knows(kind));
  const ours = unknown === undefined ? await playOnStateMachine(play) : undefined;
  const faults = ours === undefined ? [] : faultsOf(each, ours);
  const knownFault = KNOWN_FAULTS.find(({ cases }) => faults.length > 0 && cases.test(each.name));
  const compared = theirs === undefined ? undefined : await theirs;
  return {
    each,
    unknown,
    faults,
    knownFault,
    ...(machine === undefined || compared === undefined
      ? {
          machine: machine === undefined ? 'not asked' : 'left out',
          explanation: undefined,
          differences: [],
        }
      : compare(each, { ours, theirs: compared, knownFault }, machine)),
  };
}

interface Sides {
  readonly ours: Observation | undefined;
  readonly theirs: Observation;
  readonly knownFault: KnownFault | undefined;
}

/** Where the state machine has no word yet, the machine is held against what the case expects. */
function compare(
  each: ConformanceCase,
  { ours, theirs, knownFault }: Sides,
  { facts }: Machine,
): Pick<Examined, 'machine' | 'explanation' | 'differences'> {
  const differences =
    ours === undefined ? unforeseen(each, theirs) : differencesBetween(ours, theirs);
  const lines = ours === undefined ? faultsOf(each, theirs) : differences.map(lineOf);
  if (lines.length === 0)
    return { machine: 'the same', explanation: undefined, differences: lines };
  const explanation = DIFFERENCES.find((known) => known.explains(each, differences, facts));
  const isKnown = explanation !== undefined || knownFault !== undefined;
  return { machine: isKnown ? 'explained' : 'unexplained', explanation, differences: lines };
}

function unforeseen({ expected }: ConformanceCase, theirs: Observation): ObservedDifference[] {
  const said = errnoOf(theirs);
  return said === expected ? [] : [{ what: 'errno', where: '0', ours: expected, theirs: said }];
}
