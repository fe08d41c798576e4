import type { Profile } from '../faults/plan';
import type { Report, SimulationOptions } from '../simulation';
import { SourceLoader } from '../source-loader';
import type { Mutant } from './mutants';

/** Where a mutant was found, enough to find it there again. */
export interface Finding {
  readonly mutant: string;
  readonly engine: 'simulation';
  readonly seed: number;
  readonly profile: Profile;
  readonly ticks: number;
  /** Inputs that all replicas had taken until then. */
  readonly steps: number;
  /** The rule that was found broken. */
  readonly rule: string;
}

export const SEEDS_MAX = 200;
export const HUNT_TICKS = 1000;
const HUNT_PROFILE: Profile = 'harsh';

type Simulate = (options: SimulationOptions) => Report;

/** The simulator around a core with this error in it; without one, around the true core. */
export function simulatorOf(root: string, mutant: Mutant | undefined): Simulate {
  const loader = new SourceLoader(root, mutant === undefined ? [] : [mutant]);
  return loader.load<{ simulate: Simulate }>('test/simulation/simulation.ts').simulate;
}

/** Runs seed after seed until a rule is broken. Undefined: the mutant has survived, which is a hole in the simulator. */
export function hunt(
  root: string,
  mutant: Mutant,
  seedsMax = SEEDS_MAX,
  firstSeed = 1,
): Finding | undefined {
  const simulate = simulatorOf(root, mutant);
  for (let seed = firstSeed; seed < firstSeed + seedsMax; seed += 1) {
    const finding = tryOn(simulate, mutant, { seed, profile: HUNT_PROFILE, ticks: HUNT_TICKS });
    if (finding !== undefined) return finding;
  }
  return undefined;
}

function tryOn(
  simulate: Simulate,
  mutant: Mutant,
  { seed, profile, ticks }: Pick<Finding, 'seed' | 'profile' | 'ticks'>,
): Finding | undefined {
  const { rule, steps } = simulate({ seed, profile, ticks });
  if (rule === undefined) return undefined;
  return { mutant: mutant.name, engine: 'simulation', seed, profile, ticks, steps, rule };
}
