import { covers } from '../model/compatibility';
import {
  CHANGES,
  namesOf,
  refusalOf,
  requestOf,
  staleFence,
  victimsOf,
  wordFor,
} from './naive-answers';
import { circlesOf, obstaclesOf, type NaiveHold, type NaiveRequest } from './naive-rules';
import { NaiveTable, WRITERS, type NaiveHolder } from './naive-table';
import type {
  Acquire,
  Break,
  Convert,
  Item,
  LockOperation,
  Release,
  Transfer,
} from '../operations';

/**
 * The lock manager again, as a list of who holds and a list of who has asked. Answers are words; where the rules leave
 * a choice, all that may be said are in one answer, with a bar between them. (locks.md)
 */
export class NaiveLocks extends NaiveTable {
  /** Owners in the circles that the last request would have closed. */
  circles: string[] = [];
  asked = 0;

  execute(asked: LockOperation): string {
    this.asked += 1;
    const before = this.copy();
    const said = this.answer(asked);
    // What is refused has changed nothing.
    if (!CHANGES.some((word) => said.startsWith(word))) {
      Object.assign(this, before);
    }
    this.endCircles();
    this.endConversions();
    this.forgetSemaphores();
    return said;
  }

  private answer(asked: LockOperation): string {
    switch (asked.kind) {
      case 'acquire':
        return this.acquire(asked);
      case 'release':
        return this.release(asked);
      case 'cancel':
        return this.cancel(asked.request);
      case 'convert':
        return this.convert(asked);
      case 'claim':
        return this.claim(asked.request);
      case 'set-value':
        return this.byHolder(asked, (hold) => this.write(hold, asked.value, 'value-set'));
      case 'break':
        return this.break(asked);
      case 'transfer':
        return this.transfer(asked);
      case 'set-limit':
        return this.setLimit(asked.lock, asked.limit);
      default:
        throw new Error(`the twin knows no ${asked.kind}`);
    }
  }

  private acquire(asked: Acquire): string {
    const { items, waitMs } = asked;
    if (!this.sessions.has(asked.session)) return 'session-expired';
    const earlier = this.find(asked.request);
    if (earlier !== undefined) return this.answerAgain(earlier);
    const nested = this.nested(asked);
    if (nested !== undefined) return nested;
    const problems = items.flatMap((item) => this.problemsOf(asked, item));
    if (problems.length > 0) return problems.join('|');

    for (const { lock, limit } of items) {
      if (limit !== undefined && !this.semaphores.has(lock)) {
        this.semaphores.set(lock, { limit, pinned: false });
      }
    }
    const request = requestOf(asked, 'locks', items, asked, this);
    return this.grantOrQueue(request, waitMs);
  }

  /** The owner has it already, and only counts up. */
  private nested(asked: Acquire): string | undefined {
    const [item] = asked.items;
    if (asked.owner === '' || item === undefined || asked.items.length > 1) return undefined;
    if (asked.maxHoldMs !== undefined || asked.minHoldMs !== undefined) return undefined;
    if (asked.claimMs !== undefined) return undefined;
    const hold = this.ownHolds({ ...asked, lock: item.lock })[0];
    if (hold === undefined || !covers(hold.mode, item.mode)) return undefined;
    const request = requestOf(asked, 'nested', [item], {}, this);
    request.state = 'granted';
    request.items = request.items.map((each) => ({ ...each, fence: hold.fence }));
    hold.requests.push(request.name);
    this.requests.push(request);
    return this.answerAgain(request);
  }

  private problemsOf(asked: Acquire, { lock, mode, permits, limit }: Item): string[] {
    const found: string[] = [];
    const owned = { ...asked, lock };
    if (mode !== 'permit') {
      const waits = this.waitsFor(owned);
      found.push(...this.ownHolds(owned).map(({ fence }) => `already-held ${fence}`));
      return waits === undefined ? found : [...found, `already-queued ${waits.name}`];
    }
    const stated = this.semaphores.get(lock)?.limit ?? limit;
    if (stated === undefined) found.push('limit-missing');
    else if (limit !== undefined && limit !== stated) found.push(`limit-conflict ${stated}`);
    else if (permits > stated) found.push(`too-many-permits ${stated}`);
    return found;
  }

  private grantOrQueue(request: NaiveRequest, waitMs: number | undefined): string {
    this.requests.push(request);
    const obstacles = obstaclesOf(this, request);
    if (obstacles.length === 0) {
      this.grant(request, false);
      this.circles = namesOf(circlesOf(this, request));
      if (this.circles.length > 0) return 'deadlock';
      this.handOn();
      return this.answerAgain(request);
    }
    if (waitMs === 0) return refusalOf(obstacles);
    for (;;) {
      const circles = circlesOf(this, request);
      const [circle] = circles;
      if (circle === undefined) break;
      this.circles = namesOf(circles);
      const mayGo = circles.flatMap((each) => victimsOf(each, request));
      const victim = mayGo.find(({ name }) => name === this.victims[0]) ?? mayGo[0] ?? request;
      if (victim === request) return circles.map((each) => wordFor(each, request)).join('|');
      this.victims = this.victims.filter((name) => name !== victim.name);
      this.endWait(victim, 'deadlock', 'deadlock');
      this.handOn();
    }
    if (request.state === 'queued') {
      for (const { lock } of request.items) this.tell('lock.queued', request, lock);
    }
    return this.answerAgain(request);
  }

  private release(asked: Release): string {
    if (!this.sessions.has(asked.session)) return 'already-released';
    if (asked.fence === undefined) {
      const waits = this.waitsFor(asked);
      if (waits !== undefined) return this.cancel(waits.name);
    }
    const own = this.ownHolds(asked);
    const hold = own.find(({ fence }) => fence === asked.fence);
    if (hold === undefined) {
      return own.map(({ fence }) => `stale-fence ${fence}`).join('|') || 'already-released';
    }
    if (asked.value !== undefined) {
      const written = this.write(hold, asked.value, 'released');
      if (written !== 'released') return written;
    }
    const youngest = hold.requests.length > 1 ? hold.requests.pop() : undefined;
    if (youngest !== undefined) this.finish(youngest, 'released');
    else this.endHold(hold, 'released', 'released');
    this.handOn();
    return 'released';
  }

  private cancel(name: string): string {
    const request = this.find(name);
    if (request === undefined) return 'unknown-request';
    if (request.state === 'queued') {
      this.endWait(request, 'released', 'cancelled');
      this.handOn();
      return 'cancelled';
    }
    if (request.state !== 'granted' || request.kind === 'conversion') {
      return this.answerAgain(request);
    }
    this.endRequest(request, 'released', 'released');
    this.handOn();
    return 'released';
  }

  private convert(asked: Convert): string {
    if (!this.sessions.has(asked.session)) return 'session-expired';
    const earlier = this.find(asked.request);
    if (earlier !== undefined) return this.answerAgain(earlier);
    return this.byHolder(asked, (hold) => {
      if (hold.mode === 'permit' || asked.mode === 'permit') return 'invalid';
      const waits = this.waitsFor(asked);
      if (waits !== undefined) return `already-queued ${waits.name}`;
      if (asked.value !== undefined) {
        const written = this.write(hold, asked.value, '');
        if (written !== '') return written;
      }
      const item = { lock: asked.lock, mode: asked.mode, permits: 1 };
      const request = requestOf(
        asked,
        'conversion',
        [item],
        {
          waitMs: asked.waitMs,
        },
        this,
      );
      request.converts = hold.fence;
      if (!covers(hold.mode, asked.mode)) return this.grantOrQueue(request, asked.waitMs);
      this.requests.push(request);
      this.grant(request, false);
      this.handOn();
      return this.answerAgain(request);
    });
  }

  private claim(name: string): string {
    const request = this.find(name);
    if (request === undefined) return 'unknown-request';
    if (request.state === 'granted') request.claimUntilMs = Infinity;
    return request.state === 'granted' ? 'claimed' : this.answerAgain(request);
  }

  private break({ lock, fence, graceMs }: Break): string {
    const holds = this.holds.filter((hold) => hold.lock === lock);
    const hold = holds.find((each) => each.fence === fence);
    if (hold === undefined) return staleFence(holds);
    if (graceMs === 0) {
      this.breakNow(hold);
      return 'broken';
    }
    hold.breakAtMs = Math.min(hold.breakAtMs, this.nowMs + graceMs);
    return `break-requested ${hold.breakAtMs}`;
  }

  private breakNow(hold: NaiveHold): void {
    this.endHold(hold, 'broken', 'broken');
    this.handOn();
  }

  private transfer(asked: Transfer): string {
    if (!this.sessions.has(asked.session)) return 'session-expired';
    return this.byHolder(asked, (hold) => {
      const to = this.find(asked.to);
      if (to === undefined) return 'unknown-request|not-transferable';
      const isOnly = to.items.length === 1 && to.items[0]?.lock === asked.lock;
      if (to.state !== 'queued' || to.kind !== 'locks' || !isOnly) return 'not-transferable';
      this.endHold(hold, 'transferred', 'released');
      const requests = this.requests.filter((each) => each === to);
      const { holds, delays, semaphores } = this;
      const alone = { holds, delays, semaphores, requests };
      if (obstaclesOf(alone, to).length > 0) return 'not-transferable';
      this.grant(to, true);
      if (circlesOf(this, to).length > 0) return 'not-transferable';
      const fence = to.items[0]?.fence;
      this.handOn();
      return `transferred ${fence}`;
    });
  }

  private setLimit(lock: string, limit: number | undefined): string {
    const known = this.semaphores.get(lock);
    if (limit !== undefined) this.semaphores.set(lock, { limit, pinned: true });
    else if (known !== undefined) known.pinned = false;
    this.handOn();
    return 'limit-set';
  }

  private copy(): Partial<this> {
    const { fence, events } = this;
    return {
      fence,
      events: [...events],
      holds: this.holds.map((hold) => ({ ...hold, requests: [...hold.requests] })),
      requests: this.requests.map((request) => ({
        ...request,
        items: request.items.map((item) => ({ ...item })),
      })),
      delays: this.delays.map((delay) => ({ ...delay })),
      semaphores: new Map([...this.semaphores].map(([lock, row]) => [lock, { ...row }])),
      values: new Map(this.values),
    } as Partial<this>;
  }

  private byHolder(asked: NaiveHolder, act: (hold: NaiveHold) => string): string {
    if (!this.sessions.has(asked.session)) return 'session-expired';
    const own = this.ownHolds(asked);
    const hold = own.find(({ fence }) => fence === asked.fence);
    return hold === undefined ? staleFence(own) : act(hold);
  }

  private write(hold: NaiveHold, value: Uint8Array, answer: string): string {
    if (!WRITERS.includes(hold.mode)) return `not-a-writer ${hold.mode}`;
    if (value.length === 0) this.values.delete(hold.lock);
    else this.values.set(hold.lock, `${hold.fence} ${value.join()}`);
    return answer;
  }
}
