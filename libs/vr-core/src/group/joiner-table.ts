import type { ByteString } from '../encoding/byte-string';
import { keyU64 } from '../encoding/key';
import { decode, encode } from '../encoding/shape';
import { memberShape } from '../messages/configuration';
import { replicaNumber, type ReplicaNumber } from '../numbers/numbers';
import type { Ordered, Tables } from '../service/tables';
import type { Configuration, Member } from '../state/configuration';
import { JOINERS_MAX } from './operations';

/**
 * Nodes that have a replica-number of their own and may become members: number -> who. A number is given once: above all
 * that members have had, and above all that were given before. (VRR §7.5; E33)
 */
export class JoinerTable {
  private readonly joiners: Ordered;

  constructor(tables: Tables) {
    this.joiners = tables.ordered('joiners');
  }

  /** The number of a node: the one it has, or a new one of at least `lowest`. */
  admit(node: Omit<Member, 'replicaNumber'>, lowest: ReplicaNumber): ReplicaNumber {
    const all = this.all();
    const known = all.find(({ nodeId }) => nodeId === node.nodeId);
    const number = known?.replicaNumber ?? replicaNumber(Math.max(lowest, after(all.at(-1))));
    this.put({ ...node, replicaNumber: number });
    if (known === undefined && all.length >= JOINERS_MAX) this.remove(all[0]);
    return number;
  }

  /** A new epoch: who is a member now, or has been passed over, is none of them any more. */
  begin({ nextReplicaNumber }: Configuration): void {
    for (const joiner of this.all())
      if (joiner.replicaNumber < nextReplicaNumber) this.remove(joiner);
  }

  clear(): void {
    for (const joiner of this.all()) this.remove(joiner);
  }

  /** By rising number. */
  all(): Member[] {
    const rows = [...this.joiners.range('' as ByteString)];
    return rows.map(([, row]) => decode(memberShape, row));
  }

  private put(joiner: Member): void {
    this.joiners.put(keyU64(joiner.replicaNumber), encode(memberShape, joiner));
  }

  private remove(joiner: Member | undefined): void {
    if (joiner !== undefined) this.joiners.delete(keyU64(joiner.replicaNumber));
  }
}

const after = (last: Member | undefined): number =>
  last === undefined ? 0 : last.replicaNumber + 1;
