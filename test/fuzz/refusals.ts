import { setTimeout as pause } from 'node:timers/promises';
import type { GroupHarness } from '../server/group-harness';
import { rest } from './plain-request';
import { commandOf, type FuzzRequest } from './fuzz-request';
import type { FuzzRun } from './fuzz-run';
import type { Exchanged } from './http-connection';
import { differenceOf, restoreMain, setScene, stateOf } from './stationary-state';
import { tampered } from './tampering';

const BATCH = 50;
const QUIET_MS = 300;
const ATTEMPTS_MAX = 100;

export interface RefusalFigures {
  /** Batches of which everything was refused, or a read: the state before and after is compared. */
  readonly compared: number;
  /** Something in it was done after all. */
  readonly inconclusive: number;
  readonly requests: number;
}

/** Requests that were refused before, at a group where nothing else happens: what is refused changes nothing. */
export class Refusals {
  private readonly group: GroupHarness;
  private readonly run: FuzzRun;
  private state = '';
  private compared = 0;
  private inconclusive = 0;
  private requests = 0;

  constructor(group: GroupHarness, run: FuzzRun) {
    this.group = group;
    this.run = run;
  }

  get figures(): RefusalFigures {
    const { compared, inconclusive, requests } = this;
    return { compared, inconclusive, requests };
  }

  /** Ends all that time would change, and sets a scene that it does not. */
  async prepare(): Promise<void> {
    const { url } = await this.group.primary();
    await closeSessions(url);
    await dropVolumes(url);
    await restoreMain(url);
    await clearMain(url);
    await setScene(url);
    this.state = await this.settled();
  }

  async batch(clients: number): Promise<void> {
    const requests = Array.from({ length: BATCH }, () => this.next());
    const answers = await this.run.send(requests, clients);
    const after = await this.look();
    if (answers.some((answer, at) => mayHaveChanged(answer, requests[at]))) {
      this.inconclusive += 1;
      this.state = await this.settled();
      return;
    }
    this.compared += 1;
    this.requests += requests.length;
    if (after === this.state) return;
    this.run.findings.add({
      family: 'refusals',
      fault: `the state has changed though all was refused:\n${differenceOf(this.state, after)}`,
      command: requests
        .map((request) => commandOf(request, this.group.replicas[0]?.port ?? 0))
        .join('\n'),
    });
    this.state = await this.settled();
  }

  private next(): FuzzRequest {
    const chance = this.run.chanceOfNext();
    const { refused } = this.run;
    if (refused.length === 0) return this.run.requestFor(chance);
    const request = chance.pick(refused);
    return chance.happens(0.1) ? tampered(request, chance) : request;
  }

  private async look(): Promise<string> {
    return stateOf((await this.group.primary()).url);
  }

  /** Twice the same, with some time between. */
  private async settled(): Promise<string> {
    let before = await this.look();
    let difference = '';
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      await pause(QUIET_MS);
      const after = await this.look();
      if (before === after) return after;
      difference = differenceOf(before, after);
      before = after;
    }
    throw new Error(`the state of an idle group does not come to rest:\n${difference}`);
  }
}

/** A request that waits may be granted later; one whose answer nobody saw may have been executed. */
function mayHaveChanged(answer: Exchanged, request: FuzzRequest | undefined): boolean {
  if (typeof answer === 'string') return true;
  const isRead =
    request?.method === 'GET' || request?.method === 'HEAD' || request?.method === 'OPTIONS';
  return answer.status >= 500 || (answer.status < 400 && !isRead);
}

async function closeSessions(url: string): Promise<void> {
  for (;;) {
    const { body } = await rest(`${url}/v1/sessions?limit=100`);
    const sessions = (body['sessions'] ?? []) as { id: string }[];
    if (sessions.length === 0) return;
    await Promise.all(sessions.map(({ id }) => rest(`${url}/v1/sessions/${id}`, 'DELETE')));
  }
}

async function dropVolumes(url: string): Promise<void> {
  const { body } = await rest(`${url}/v1/fs?limit=1000`);
  for (const { name } of (body['volumes'] ?? []) as { name: string }[])
    await rest(`${url}/v1/fs/${encodeURIComponent(name)}`, 'DELETE');
}

/** What has a time to live would go later by itself. */
async function clearMain(url: string): Promise<void> {
  const { body } = await rest(`${url}/v1/fs/main/entries/?limit=1000`);
  for (const { name } of (body['entries'] ?? []) as { name?: string }[])
    if (name !== undefined)
      await rest(`${url}/v1/fs/main/path/${encodeURIComponent(name)}?recursive=1`, 'DELETE');
}
