import { kindsOf, type ConformanceCase, type Family } from './conformance-case';
import { DIFFERENCES, type ExplainedDifference } from './differences';
import { KNOWN_FAULTS, type KnownFault } from './known-faults';
import {
  differencesBetween,
  lineOf,
  type Observation,
  type ObservedDifference,
} from './observation';
import type { Machine, MachineFacts } from './oracle/machine';
import { abilitiesFor, needsRoot, playOf, type Play } from './play';
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
  /** Why the machine was left out. */
  readonly leftOut: string | undefined;
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
  const leftOut = machine && whyNotAsked(each, play, machine.facts);
  const asked = leftOut === undefined ? machine : undefined;
  const theirs = asked?.play(play);
  const unknown = kindsOf(each).find((kind) => !knows(kind));
  const { ours, breakdown } = unknown === undefined ? await attempt(play) : NOT_ATTEMPTED;
  const faults = ours === undefined ? breakdown : faultsOf(each, ours);
  const knownFault = KNOWN_FAULTS.find(({ cases }) => faults.length > 0 && cases.test(each.name));
  const examined = { each, unknown, faults, knownFault, leftOut, ...NOT_COMPARED };
  if (asked === undefined || theirs === undefined)
    return { ...examined, machine: machine === undefined ? 'not asked' : 'left out' };
  return { ...examined, ...compare(each, { ours, theirs: await theirs, knownFault }, asked.facts) };
}

const NOT_ATTEMPTED = { ours: undefined, breakdown: [] } as const;

/** A state machine that breaks down is at fault, and the other cases go on. */
async function attempt(
  play: Play,
): Promise<{ readonly ours: Observation | undefined; readonly breakdown: readonly string[] }> {
  try {
    return { ours: await playOnStateMachine(play), breakdown: [] };
  } catch (fault) {
    return { ours: undefined, breakdown: [`it breaks down: ${String(fault)}`] };
  }
}

const NOT_COMPARED = { explanation: undefined, differences: [] } as const;

/** Why the machine cannot be asked about a case, or undefined. */
function whyNotAsked(each: ConformanceCase, play: Play, facts: MachineFacts): string | undefined {
  if (each.noSystemCall !== undefined) return each.noSystemCall;
  if (!facts.root && needsRoot(play)) return 'only root can play it';
  const missing = abilitiesFor(play).find((ability) => !facts.abilities.includes(ability));
  return missing === undefined ? undefined : `this machine has no ${missing}`;
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
  facts: MachineFacts,
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
