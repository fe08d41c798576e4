import type { LockOperation, Mode } from '@lockstep/state-machines';
import type { Chance } from '../chance';
import type { OpenSession } from './open-session';

type Acquire = Extract<LockOperation, { kind: 'acquire' }>;

interface UsualAcquire {
  readonly request: string;
  readonly session: string;
  readonly owner: string;
  readonly lock: string;
  readonly mode: Mode;
  readonly waitMs: number | undefined;
}

type Item = Acquire['items'][number];

/** How many permits the only semaphore has. */
const LIMIT = 3;

/**
 * Now and then something rarer than a lock of one name taken and given back: so seldom that the locks everybody wants
 * stay the rule.
 */
export class LockVariety {
  private readonly chance: Chance;

  constructor(chance: Chance) {
    this.chance = chance;
  }

  acquire(usual: UsualAcquire): Acquire {
    const { chance } = this;
    const { request, session, owner, waitMs } = usual;
    const first = this.item(usual);
    const second = chance.happens(0.06) ? [this.item({ ...usual, lock: 'l1' })] : [];
    const items = [first, ...second.filter((item) => item.lock !== first.lock)];
    return {
      kind: 'acquire',
      request,
      session,
      owner,
      items,
      waitMs,
      note: undefined,
      priority: chance.happens(0.05) ? chance.pick([-5, 5]) : 0,
      maxHoldMs: chance.happens(0.04) ? chance.pick([300, 1500]) : undefined,
      minHoldMs: chance.happens(0.03) ? chance.pick([100, 800]) : undefined,
      claimMs: chance.happens(0.03) ? chance.pick([200, 1000]) : undefined,
      victim: chance.happens(0.1) ? chance.pick(['youngest', 'lowest-priority']) : 'requester',
    };
  }

  private item({ lock, mode }: Pick<UsualAcquire, 'lock' | 'mode'>): Item {
    const { chance } = this;
    if (chance.happens(0.06)) {
      return { lock: 's', mode: 'permit', permits: 1 + chance.below(2), limit: LIMIT };
    }
    const name = chance.happens(0.12) ? `${lock}/${chance.pick(['x', 'y', 'x/z'])}` : lock;
    const rare: readonly Mode[] = [
      'update',
      'intent-shared',
      'intent-exclusive',
      'shared-intent-exclusive',
    ];
    const other = chance.happens(0.06) ? chance.pick(rare) : mode;
    return { lock: name, mode: other, permits: 1, limit: undefined };
  }

  /** The oldest grant is held in another mode, taken away, or given to one who waits. */
  inPlaceOfRelease(session: OpenSession, request: string): LockOperation | undefined {
    const { chance } = this;
    const oldest = session.grants[0];
    if (oldest === undefined || !chance.happens(0.2)) return undefined;
    const { lock, owner, fence } = oldest;
    const held = { session: session.id, owner, lock, fence };
    switch (chance.pick(['convert', 'convert', 'break', 'transfer'] as const)) {
      case 'convert': {
        session.grants.shift();
        const mode = chance.pick(['exclusive', 'shared', 'update'] as const);
        const waitMs = chance.pick([0, 200, 2000]);
        return { kind: 'convert', request, ...held, mode, waitMs, value: undefined };
      }
      case 'break':
        return { kind: 'break', lock, fence, graceMs: chance.pick([0, 400]), reason: 'chance' };
      case 'transfer': {
        const to = session.queued[0] ?? request;
        return { kind: 'transfer', ...held, to };
      }
    }
  }
}
