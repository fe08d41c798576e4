import {
  epochNumber,
  firstEpoch,
  replicaNumber,
  type Configuration,
  type Epoch,
  type Member,
  type ReplicaView,
} from '@lockstep/vr-core';
import { Door } from './door';

const member = (number: number, role: Member['role'] = 'active'): Member => ({
  replicaNumber: replicaNumber(number),
  nodeId: `n${number}`,
  role,
  peerUrl: `http://127.0.0.1:${7400 + number}`,
  clientUrl: `http://127.0.0.1:${7400 + number}`,
});

const BORN = firstEpoch({ epochNumber: epochNumber(0), members: [0, 1, 2].map((n) => member(n)) });

const after = (epoch: Epoch, members: readonly Member[]): Epoch => {
  const configuration: Configuration = {
    epochNumber: epochNumber(epoch.configuration.epochNumber + 1),
    members,
    nextReplicaNumber: replicaNumber(9),
  };
  return { ...epoch, configuration, previous: epoch.configuration };
};

const seenBy = (number: number, epoch: Epoch, status: ReplicaView['status']) => ({
  replicaNumber: replicaNumber(number),
  epoch,
  status,
});

describe('the door of a replica', () => {
  it('is open at an active member, whatever its status', () => {
    const door = new Door();
    expect(door.update(seenBy(1, BORN, 'view-change'))).toBe(false);
    expect(door.refusal).toBeUndefined();
  });

  it('is closed at a replica that has been replaced, from the first moment, and names its successors', () => {
    const door = new Door();
    door.update(seenBy(0, BORN, 'normal'));
    const epoch = after(BORN, [member(1), member(3), member(4, 'witness')]);
    expect(door.update(seenBy(0, epoch, 'transitioning'))).toBe(true);
    expect(door.refusal?.toBody()).toMatchObject({
      status: 410,
      code: 'moved',
      epoch: 1,
      replicas: [
        { id: 'n1', url: 'http://127.0.0.1:7401' },
        { id: 'n3', url: 'http://127.0.0.1:7403' },
      ],
    });
    expect(door.update(seenBy(0, epoch, 'retired'))).toBe(false);
  });

  it('names the newest group that is known', () => {
    const door = new Door();
    const first = after(BORN, [member(3), member(4), member(5)]);
    door.update(seenBy(0, first, 'retired'));
    door.update(seenBy(0, after(first, [member(6), member(7), member(8)]), 'retired'));
    expect(door.refusal?.members).toMatchObject({ epoch: 2, replicas: [{ id: 'n6' }, {}, {}] });
  });

  it('is closed at a witness, and at a node that has only joined, and opens when that is a member', () => {
    const door = new Door();
    door.update(seenBy(3, BORN, 'learner'));
    expect(door.refusal).toMatchObject({ code: 'joining', status: 503 });
    door.update(seenBy(3, after(BORN, [member(1), member(2), member(3)]), 'normal'));
    expect(door.refusal).toBeUndefined();
    const witness = new Door();
    witness.update(seenBy(4, after(BORN, [member(1), member(2), member(4, 'witness')]), 'normal'));
    expect(witness.refusal).toMatchObject({ code: 'witness', status: 503 });
  });
});
