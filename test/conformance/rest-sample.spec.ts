import type { JsonObject } from '../../apps/server/src/contract/json';
import { GroupHarness } from '../server/group-harness';
import { rest } from '../server/rest-client';
import { ROOT } from './actors';
import { kindsOf, type ConformanceCase, type Operation } from './conformance-case';
import { FAMILIES } from './families';
import { playOnService, type FileService, type OperationAnswer } from './file-service';
import { differencesBetween, lineOf } from './observation';
import { playOf, staysBelow } from './play';
import { knows, playOnStateMachine } from './state-machine';
import { faultsOf } from './verdict';

const CASES = 300;
const AT_ONCE = 16;

/** Every so many-th of the cases that can share one volume, so that each family has its part. */
function sample(): readonly ConformanceCase[] {
  const fitting = FAMILIES.flatMap(({ cases }) => cases())
    .filter((each) => staysBelow(playOf(each)) && each.setupBy === undefined)
    .filter((each) => kindsOf(each).every(knows));
  const step = Math.ceil(fitting.length / CASES);
  return fitting.filter((_, at) => at % step === 0);
}

describe('the table of rules over REST', () => {
  let group: GroupHarness;

  beforeAll(async () => {
    group = await GroupHarness.start();
  }, 120_000);
  afterAll(() => group.stop());

  it('is kept by a group of three, whichever replica is asked', async () => {
    const service = new RestService(group.replicas.map(({ url }) => url));
    const cases = sample();
    expect(cases.length).toBeGreaterThan(CASES / 2);
    const wrong: string[] = [];
    for (let at = 0; at < cases.length; at += AT_ONCE)
      await Promise.all(
        cases.slice(at, at + AT_ONCE).map(async (each, index) => {
          const faults = await faultsOverRest(service, `case-${at + index}`, each);
          wrong.push(...faults.map((fault) => `${each.name}: ${fault}`));
        }),
      );
    expect(wrong).toEqual([]);
  }, 240_000);
});

/** Each in a directory of its own, which is the top for it. */
async function faultsOverRest(
  service: RestService,
  room: string,
  each: ConformanceCase,
): Promise<readonly string[]> {
  const play = playOf(each);
  const made = await service.post({ ...ROOT }, [{ kind: 'mkdir', path: `/${room}`, mode: 0o755 }]);
  const { ino: top } = made[0]?.result as { readonly ino: string };
  const seen = await playOnService(service, top, play);
  const differences = differencesBetween(await playOnStateMachine(play), seen);
  return [...faultsOf(each, seen), ...differences.map(lineOf)];
}

/** The operation form at the doors of a group, each in its turn. */
class RestService implements FileService {
  private readonly urls: readonly string[];
  private turn = 0;

  constructor(urls: readonly string[]) {
    this.urls = urls;
  }

  async post(caller: JsonObject, ops: readonly Operation[]): Promise<readonly OperationAnswer[]> {
    this.turn += 1;
    const url = String(this.urls[this.turn % this.urls.length]);
    const { status, body } = await rest(`${url}/v1/fs/main/ops`, 'POST', { caller, ops });
    if (status !== 200) return [{ problem: body as JsonObject }];
    return body['results'] as readonly OperationAnswer[];
  }
}
