import { setTimeout as pause } from 'node:timers/promises';
import type { GroupHarness, ReplicaHandle } from '../server/group-harness';
import { rest } from './plain-request';
import { Chance } from '../simulation/chance';
import { routesOf, type ApiDocument, type ApiRoute } from './api-document';
import { apiRequest } from './api-requests';
import { CrashWatch } from './crash-watch';
import type { Source } from './field-values';
import { Findings, type Finding } from './findings';
import { bytesCommandOf, bytesOf, commandOf, type FuzzRequest } from './fuzz-request';
import { HttpConnection, type Exchanged } from './http-connection';
import { Pool } from './pool';
import { rawExchange } from './raw-exchanges';
import { smallerRequest } from './smaller-request';
import { clientItems, strangeFrames, type SocketExchange } from './socket-exchanges';
import { tampered } from './tampering';
import { faultOf, jsonOf } from './verdict';
import { webHdfsRequest } from './webhdfs-requests';

const PATIENCE_MS = 60_000;
/** For an answer that may be held open. */
const SHORT_PATIENCE_MS = 250;
const REFUSED_KEPT_MAX = 4_000;
/** Every view change costs everybody some seconds. */
const STEP_DOWNS = 0.03;
/** How often it is looked whether a process that hung up has ended. */
const LIFE_MS = 300;

/** What was done and how it was answered. */
export interface Tally {
  requests: number;
  readonly families: Record<string, number>;
  /** `200`, or of a problem `404 ENOENT`. */
  readonly answers: Record<string, number>;
}

/** Requests without end at a group, each looked at as its answer comes. */
export class FuzzRun {
  readonly tally: Tally = { requests: 0, families: {}, answers: {} };
  readonly findings: Findings;
  readonly pool = new Pool();
  /** Requests that were refused, to be sent again where nothing else happens. */
  readonly refused: FuzzRequest[] = [];
  readonly crashes: CrashWatch;
  private readonly group: GroupHarness;
  private readonly seed: number;
  private readonly document: ApiDocument;
  private readonly routes: readonly ApiRoute[];
  private readonly byName: ReadonlyMap<string, ApiRoute>;
  private index = 0;

  private constructor(
    group: GroupHarness,
    seed: number,
    document: ApiDocument,
    onFinding: (finding: Finding) => void,
  ) {
    this.findings = new Findings(onFinding);
    this.group = group;
    this.seed = seed;
    this.document = document;
    this.routes = routesOf(document);
    this.byName = new Map(this.routes.map((route) => [route.name, route]));
    this.crashes = new CrashWatch(group, this.findings);
  }

  static async at(
    group: GroupHarness,
    seed: number,
    onFinding: (finding: Finding) => void,
  ): Promise<FuzzRun> {
    const { url } = await group.primary();
    const { body } = await rest(`${url}/v1/openapi.json`);
    return new FuzzRun(group, seed, body as unknown as ApiDocument, onFinding);
  }

  /** So many more requests of all kinds, by so many clients at once. */
  async mixed(requests: number, clients: number): Promise<void> {
    const end = this.tally.requests + requests;
    await this.together(clients, async (connections) => {
      while (this.tally.requests < end && !this.crashes.tooMany) await this.one(connections);
    });
  }

  /** Those requests, each once; tells what was answered. */
  async send(requests: readonly FuzzRequest[], clients: number): Promise<Exchanged[]> {
    const answers: Exchanged[] = [];
    let next = 0;
    await this.together(clients, async (connections) => {
      for (;;) {
        const request = requests[next];
        if (request === undefined) return;
        next += 1;
        answers.push(await this.exchange(request, connections, this.chanceOfNext()));
      }
    });
    return answers;
  }

  requestFor(chance: Chance): FuzzRequest {
    const source: Source = {
      chance,
      pool: this.pool,
      strangeness: chance.pick([0, 0.03, 0.1, 0.4]),
    };
    if (chance.happens(0.07)) return webHdfsRequest(source);
    const route = this.routeFor(chance);
    const request = apiRequest(route, this.document, source);
    return chance.happens(0.25) ? tampered(request, chance) : request;
  }

  /** The stream of the next request: what it is made of depends on it, and on what has been answered so far. */
  chanceOfNext(): Chance {
    this.index += 1;
    return new Chance(`fuzz/${this.seed}/${this.index}`);
  }

  private async together(
    clients: number,
    work: (connections: ReadonlyMap<ReplicaHandle, HttpConnection>) => Promise<void>,
  ): Promise<void> {
    const workers = Array.from({ length: clients }, async () => {
      const entries = this.group.replicas.map(
        (replica) => [replica, new HttpConnection(replica.port)] as const,
      );
      await work(new Map(entries));
      for (const [, connection] of entries) connection.close();
    });
    await Promise.all(workers);
  }

  private async one(connections: ReadonlyMap<ReplicaHandle, HttpConnection>): Promise<void> {
    const chance = this.chanceOfNext();
    const kind = chance.fraction();
    if (kind < 0.03) await this.raw(chance);
    else if (kind < 0.05) await this.socket(chance, clientItems);
    else if (kind < 0.08) await this.socket(chance, strangeFrames);
    else await this.exchange(this.requestFor(chance), connections, chance);
  }

  private routeFor(chance: Chance): ApiRoute {
    for (;;) {
      const route = chance.pick(this.routes);
      if (!route.path.endsWith('/step-down') || chance.happens(STEP_DOWNS)) return route;
    }
  }

  private async exchange(
    request: FuzzRequest,
    connections: ReadonlyMap<ReplicaHandle, HttpConnection>,
    chance: Chance,
  ): Promise<Exchanged> {
    const replica = chance.pick(this.group.replicas);
    const life = replica.pid;
    const command = (): string => commandOf(request, replica.port);
    const done = this.crashes.underWay(replica, command);
    const connection = connections.get(replica) ?? new HttpConnection(replica.port);
    const answer = await this.ask(connection, request);
    done();
    this.count(request.family, wordOf(answer));
    const fault = faultOf(request, answer, this.byName);
    if (typeof answer !== 'string') this.learn(request, answer.status, jsonOf(answer), chance);
    if (fault !== undefined && (answer !== 'closed' || (await livesOn(replica, life))))
      await this.tell(request, fault, replica);
    return answer;
  }

  private ask(connection: HttpConnection, request: FuzzRequest): Promise<Exchanged> {
    const patienceMs = request.mayWait === true ? SHORT_PATIENCE_MS : PATIENCE_MS;
    return connection.exchange(bytesOf(request), patienceMs, request.method === 'HEAD');
  }

  private learn(request: FuzzRequest, status: number, body: unknown, chance: Chance): void {
    if (status < 300) {
      this.pool.harvest(body, chance);
      const isOpened = request.route === 'POST /v1/sessions' && status === 201;
      if (isOpened) this.pool.learn('session', String((body as { id: unknown }).id), chance);
    } else if (status >= 400 && status < 500 && request.method !== 'GET') {
      if (this.refused.length < REFUSED_KEPT_MAX) this.refused.push(request);
      else this.refused[chance.below(REFUSED_KEPT_MAX)] = request;
    }
  }

  /** The first of a kind is made smaller, on connections of its own. */
  private async tell(request: FuzzRequest, fault: string, replica: ReplicaHandle): Promise<void> {
    const { family } = request;
    const finding = { family, fault, command: commandOf(request, replica.port) };
    if (!this.findings.add(finding)) return;
    const showsIt = async (candidate: FuzzRequest): Promise<boolean> => {
      const connection = new HttpConnection(replica.port);
      const again = faultOf(candidate, await this.ask(connection, candidate), this.byName);
      connection.close();
      return again?.slice(0, 30) === fault.slice(0, 30);
    };
    const smaller = await smallerRequest(request, showsIt);
    this.findings.replace(finding, { ...finding, command: commandOf(smaller, replica.port) });
  }

  private async raw(chance: Chance): Promise<void> {
    const replica = chance.pick(this.group.replicas);
    const { family, parts, aborts } = rawExchange(chance);
    const bytes = Buffer.concat(parts);
    const done = this.crashes.underWay(replica, () => bytesCommandOf(bytes, replica.port));
    const connection = new HttpConnection(replica.port);
    for (const part of parts) {
      connection.send(part);
      if (parts.length > 1) await pause(2);
    }
    const rest = aborts ? '' : (await connection.rest(30)).toString('latin1');
    connection.close();
    done();
    const status = /^HTTP\/1\.1 (\d+)/.exec(rest)?.[1] ?? 'nothing';
    this.count(family, status);
    const command = bytesCommandOf(bytes, replica.port);
    if (/HTTP\/1\.1 50[0-2]/.test(rest))
      this.findings.add({ family, fault: `answered ${rest.slice(0, 200)}`, command });
  }

  private async socket(
    chance: Chance,
    exchange: (port: number, source: Source) => Promise<SocketExchange>,
  ): Promise<void> {
    const replica = chance.pick(this.group.replicas);
    const life = replica.pid;
    let frames: readonly Buffer[] = [];
    const command = (): string =>
      `frames ${frames.map((frame) => frame.toString('base64').slice(0, 3_000)).join(' ')}`;
    const done = this.crashes.underWay(replica, command);
    const source = { chance, pool: this.pool, strangeness: chance.pick([0, 0.05, 0.3]) };
    const exchanged = await exchange(replica.port, source);
    frames = exchanged.frames;
    done();
    const { family, finding: fault } = exchanged;
    this.count(family, 'frames', Math.max(1, frames.length));
    if (fault !== undefined && (await livesOn(replica, life)))
      this.findings.add({ family, fault, command: command() });
  }

  private count(family: string, answer: string, requests = 1): void {
    const { families, answers } = this.tally;
    this.tally.requests += requests;
    families[family] = (families[family] ?? 0) + requests;
    answers[answer] = (answers[answer] ?? 0) + 1;
  }
}

function wordOf(answer: Exchanged): string {
  if (typeof answer === 'string') return answer;
  const code = answer.status < 400 ? undefined : jsonOf(answer)?.['code'];
  return typeof code === 'string' ? `${answer.status} ${code}` : `${answer.status}`;
}

/** Whether it is still the same process, a little later. */
async function livesOn(replica: ReplicaHandle, life: number | undefined): Promise<boolean> {
  await pause(LIFE_MS);
  return life !== undefined && replica.pid === life;
}
