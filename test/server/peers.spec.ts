import { replicaNumber } from '@lockstep/vr-core';
import type { PeerChannel } from '../../apps/server/src/peers/peer-channel';
import { beat, large, memoryPeers, socketPeers, Witness, type PeersFixture } from './peers-fixture';

const twins = [
  ['over socket.io', socketPeers],
  ['in memory', memoryPeers],
] as const;

describe.each(twins)('peer channels %s', (_, makeFixture) => {
  let fixture: PeersFixture;

  beforeEach(async () => {
    fixture = await makeFixture();
  });

  afterEach(() => fixture.dispose());

  const start = async (number: number) => {
    const channel = await fixture.open(number);
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

  const send = (
    channel: PeerChannel,
    to: number,
    ...messages: Parameters<PeerChannel['send']>[1]
  ) => {
    channel.send(replicaNumber(to), messages);
  };

  it('finds every peer from both ends', async () => {
    const all = await startAll();
    expect(all.map(({ channel }) => channel.figures.connected)).toEqual([
      [1, 2],
      [0, 2],
      [0, 1],
    ]);
  });

  it('delivers the messages of one turn together and all of a pair in their order', async () => {
    const [zero, , two] = await startAll();
    send(zero.channel, 2, beat(0, 1), beat(0, 2));
    send(zero.channel, 2, beat(0, 3));
    send(two.channel, 0, beat(2, 9));
    await two.witness.untilLine('0: Commit#3');
    await zero.witness.untilLine('2: Commit#9');
    expect(two.witness.lines.slice(-2)).toEqual(['0: Commit#1 Commit#2', '0: Commit#3']);
  });

  it('delivers to all peers what was made once', async () => {
    const [zero, one, two] = await startAll();
    const heartbeat = beat(0, 5);
    send(zero.channel, 1, heartbeat);
    send(zero.channel, 2, heartbeat);
    await one.witness.untilLine('0: Commit#5');
    await two.witness.untilLine('0: Commit#5');
  });

  it('carries messages of megabytes', async () => {
    const [zero, one] = await startAll();
    const megabytes = [4, 3, 2].map((count) => large(0, count << 20));
    send(zero.channel, 1, ...megabytes, beat(0, 1));
    await one.witness.until(() => one.witness.lines.at(-1)?.includes('Commit#1') ?? false);
    expect(one.witness.lines.join(' ')).toContain(`Prepare#${3 << 20}`);
  });

  it('delivers nothing inside the call that sends', async () => {
    const [zero, one] = await startAll();
    send(zero.channel, 1, beat(0, 1));
    expect(one.witness.lines).not.toContain('0: Commit#1');
    await one.witness.untilLine('0: Commit#1');
  });

  it('tells the others when a replica dies, and again when it is back', async () => {
    const [zero, one] = await startAll();
    await fixture.kill(2);
    await zero.witness.untilLine('lost 2');
    await one.witness.untilLine('lost 2');
    await start(2);
    await zero.witness.until(() => count(zero.witness, 'found 2') === 2);
    await one.witness.until(() => count(one.witness, 'found 2') === 2);
  });

  it('finds a replica again that the higher ones dial', async () => {
    const [, one, two] = await startAll();
    await fixture.kill(0);
    await one.witness.untilLine('lost 0');
    await two.witness.untilLine('lost 0');
    await start(0);
    await one.witness.until(() => count(one.witness, 'found 0') === 2);
    await two.witness.until(() => count(two.witness, 'found 0') === 2);
  });

  it('drops what is sent to a peer that is away', async () => {
    const { channel } = await start(0);
    send(channel, 1, beat(0, 1));
    expect(channel.figures).toMatchObject({ framesSent: 0, framesDropped: 1 });
  });

  it('says nothing more once it is closed', async () => {
    const [zero] = await startAll();
    const before = zero.witness.lines.length;
    await zero.channel.close();
    await fixture.kill(1);
    expect(zero.witness.lines).toHaveLength(before);
  });
});

function count(witness: Witness, line: string): number {
  return witness.lines.filter((each) => each === line).length;
}
