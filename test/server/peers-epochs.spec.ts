import { replicaNumber } from '@lockstep/vr-core';
import { GUESTS_MAX } from '../../apps/server/src/peers/peer-options';
import type { PeersOptions } from '../../apps/server/src/peers/socket-io-peers';
import { beat, secret, socketPeers, Witness, type SocketPeersFixture } from './peers-fixture';

describe('peers through the epochs of a group (VRR §7)', () => {
  let fixture: SocketPeersFixture;

  beforeEach(async () => {
    fixture = await socketPeers();
  });

  afterEach(() => fixture.dispose());

  const start = async (number: number, change: Partial<PeersOptions> = {}) => {
    const channel = await fixture.openWith(number, change);
    const witness = new Witness();
    channel.start(witness);
    return { channel, witness };
  };

  const startAll = async () => {
    const all = [await start(0), await start(1), await start(2)] as const;
    for (const [number, { witness }] of all.entries())
      for (const other of [0, 1, 2])
        if (other !== number) await witness.untilLine(`found ${other}`);
    return all;
  };

  it('a node that is about to join is heard as a guest', async () => {
    const [zero, one] = await startAll();
    const joiner = await start(5);
    await zero.witness.untilLine('found 5');
    await one.witness.untilLine('found 5');
    await joiner.witness.untilLine('found 0');
    joiner.channel.send(replicaNumber(0), [beat(5, 1)]);
    await zero.witness.untilLine('5: Commit#1');
    zero.channel.send(replicaNumber(5), [beat(0, 2)]);
    await joiner.witness.untilLine('0: Commit#2');
  });

  it('a guest proves the secret of the group like anybody', async () => {
    const [zero] = await startAll();
    const stranger = await start(5, { secret: secret(9) });
    await stranger.witness.until(() =>
      /another group secret/.test(stranger.witness.reports.join()),
    );
    expect(zero.witness.lines).not.toContain('found 5');
  });

  it('guests have a bound', async () => {
    const [zero] = await startAll();
    for (let guest = 0; guest < GUESTS_MAX; guest += 1) await start(10 + guest);
    await zero.witness.until(() => zero.channel.figures.connected.length === GUESTS_MAX + 2);
    const late = await start(99);
    await late.witness.until(() => /no members/.test(late.witness.reports.join()));
    expect(zero.channel.figures.connected).not.toContain(99);
  });

  it('two nodes never have one number', async () => {
    const [zero] = await startAll();
    await start(5);
    await zero.witness.untilLine('found 5');
    const other = await start(6, {
      self: { ...fixture.identity(5), nodeId: 'r5-other' },
    });
    await other.witness.until(() => /is r5-new already/.test(other.witness.reports.join()));
  });

  it('members of a new epoch find each other, the old ones as long as they may be needed', async () => {
    const [zero, one, two] = await startAll();
    const joined = [await start(3), await start(4)] as const;
    await zero.witness.untilLine('found 4');
    const epoch = fixture.epochOf(1, [2, 3, 4], [0, 1, 2]);
    for (const { channel } of [zero, one, two, ...joined]) channel.follow(epoch);
    await joined[0].witness.untilLine('found 4');
    await joined[1].witness.untilLine('found 3');
    expect(joined[0].channel.figures.connected).toEqual([0, 1, 2, 4]);
    expect(zero.witness.lines).not.toContain('lost 2');
  });

  it('nodes that may become members find each other before they are', async () => {
    await startAll();
    const joined = [await start(3), await start(4)] as const;
    const joiners = fixture.epochOf(1, [3, 4]).configuration.members;
    for (const { channel } of joined) channel.expect(joiners);
    await joined[0].witness.untilLine('found 4');
    await joined[1].witness.untilLine('found 3');
  });

  it('who is in neither of two epochs is hung up', async () => {
    const [zero, one, two] = await startAll();
    const joined = [await start(3), await start(4)] as const;
    for (const { witness } of joined) await witness.untilLine('found 0');
    two.channel.follow(fixture.epochOf(2, [2, 3, 4], [2, 3, 4]));
    await zero.witness.untilLine('lost 2');
    await one.witness.untilLine('lost 2');
  });

  it('a member of another node under a known number is hung up', async () => {
    const [zero] = await startAll();
    await start(5);
    await zero.witness.untilLine('found 5');
    const epoch = fixture.epochOf(1, [0, 1, 5], [0, 1, 2]);
    const members = epoch.configuration.members.map((member) =>
      member.replicaNumber === 5 ? { ...member, nodeId: 'r5-other' } : member,
    );
    zero.channel.follow({ ...epoch, configuration: { ...epoch.configuration, members } });
    await zero.witness.untilLine('lost 5');
  });

  it('a replica that missed epochs, and that nobody dials any more, dials by itself (E28)', async () => {
    const [zero, one, two] = await startAll();
    for (const { channel } of [one, two]) channel.follow(fixture.epochOf(2, [1, 2, 3], [1, 2, 3]));
    await zero.witness.untilLine('lost 2');
    await zero.witness.until(
      () => zero.witness.lines.filter((line) => line === 'found 2').length === 2,
    );
    zero.channel.send(replicaNumber(2), [beat(0, 7)]);
    await two.witness.untilLine('0: Commit#7');
  });
});
