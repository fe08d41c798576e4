import type { Member, ReplicaView } from '@lockstep/vr-core';
import { roleOf, type ReplicaRole } from '../config/replica-role';
import type { JsonObject } from './json';
import { Problem } from './problem';

/** Whether clients are served here at all; where they are, when not. */
export interface Doorkeeper {
  /** Undefined at an open door. */
  readonly refusal: Problem | undefined;
  /** For a request that met the end of this replica's membership on its way. */
  moved(): Problem;
}

/** What stands at the door of a replica: one look for every item, so it is made anew only when the role changes. */
export class Door implements Doorkeeper {
  refusal: Problem | undefined;
  private role: ReplicaRole = 'active';
  private view: Pick<ReplicaView, 'epoch'> | undefined;

  /** True when the door has just been closed. */
  update(view: Pick<ReplicaView, 'epoch' | 'replicaNumber' | 'status'>): boolean {
    const role = roleOf(view);
    const isSame = role === this.role && view.epoch === this.view?.epoch;
    this.view = view;
    if (isSame) return false;
    const wasOpen = this.refusal === undefined;
    this.role = role;
    this.refusal = this.refusalOf(role);
    return wasOpen && this.refusal !== undefined;
  }

  moved(): Problem {
    return new Problem(
      'moved',
      'This replica has been replaced: ask one of the replicas named here.',
      this.elsewhere(),
    );
  }

  private refusalOf(role: ReplicaRole): Problem | undefined {
    switch (role) {
      case 'active':
        return undefined;
      case 'witness':
        return new Problem(
          'witness',
          'This replica is a witness, which holds no state: ask one of the replicas named here.',
          this.elsewhere(),
        );
      case 'joining':
        return new Problem(
          'joining',
          'This replica is not a member of the group yet: ask one of the replicas named here.',
          this.elsewhere(),
        );
      case 'retiring':
      case 'retired':
        return this.moved();
    }
  }

  private elsewhere(): JsonObject {
    const { configuration } = this.view?.epoch ?? {};
    return {
      epoch: configuration?.epochNumber,
      replicas: whereToAsk(configuration?.members ?? []),
    };
  }
}

/** The members that take clients, as problems and the rendezvous name them. */
export function whereToAsk(members: readonly Member[]): JsonObject[] {
  return members
    .filter(({ role }) => role === 'active')
    .map(({ nodeId, clientUrl }) => ({ id: nodeId, url: clientUrl }));
}
