import { GroupHarness } from '../server/group-harness';
import { fuzz } from './fuzz';
import { KNOWN_SEEDS } from './known-seeds';

jest.setTimeout(300_000);

/** `npm run fuzz` sends a hundred thousand. */
const REQUESTS = 1_000;
const CLIENTS = 16;

describe('whatever is sent to a group', () => {
  let group: GroupHarness;

  beforeAll(async () => {
    group = await GroupHarness.start({ logLevel: 'warn' });
  });
  afterAll(() => group.stop());

  it.each(KNOWN_SEEDS)(
    'is answered as the document says, changes nothing when it is refused, and harms nobody (seed $seed)',
    async ({ seed }) => {
      const { findings, requests } = await fuzz(group, {
        requests: REQUESTS,
        seed,
        clients: CLIENTS,
      });
      expect(findings).toEqual([]);
      expect(requests).toBeGreaterThanOrEqual(REQUESTS);
    },
  );
});
