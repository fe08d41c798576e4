import { resolve } from 'node:path';
import { Exploration } from './exploration';
import { readKnownTraces } from './known-traces';
import { retell } from './retelling';
import { worldNamed, WORLDS } from './worlds';

const ROOT = resolve(__dirname, '../..');

/** Those that are small enough to be gone through at every change; `npm run explore` goes through all. */
const SMALL = ['one view change', 'state transfer', 'hints', 'two view changes'];

/** Of others a part: as many of the nearest states as take seconds. */
const IN_PART = ['one replaced', 'retirement', 'witness', 'leases'];

describe('small worlds of the core, all that can happen in them', () => {
  it.each(SMALL)(
    '%s: no view begins without what was committed, no two replicas differ',
    (name) => {
      const { verdict, violation } = new Exploration(ROOT, worldNamed(name)).run();
      expect(violation?.rule).toBeUndefined();
      expect(verdict).toBe('exhausted');
    },
  );
});

describe('small worlds of the core, what is nearest to their beginning', () => {
  it.each(IN_PART)('%s: no rule is broken', (name) => {
    const world = { ...worldNamed(name), statesMax: 5_000 };
    const { verdict, violation } = new Exploration(ROOT, world).run();
    expect(violation?.rule).toBeUndefined();
    expect(verdict).toBe('bounded');
  });
});

describe('small worlds of a core with a known error', () => {
  const traces = readKnownTraces(ROOT);
  const unsafe = WORLDS.filter(({ expects }) => expects === 'violation').map(({ name }) => name);

  it.each(unsafe)('%s: what was found there is found there again', (name) => {
    const trace = traces[name] ?? [];
    expect(retell(ROOT, worldNamed(name), trace)).toBeDefined();
  });
});
