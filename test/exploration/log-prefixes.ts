import { toHex, type ByteString, type LogEntry } from '@lockstep/vr-core';

interface Prefix {
  readonly opNumber: number;
  readonly hash: string;
  readonly parent: number;
}

/** The log before its first entry. */
export const EMPTY = 0;

/** Logs up to an op, each known by a number: the hash of its last entry stands for all of it. (E9, E12) */
export class LogPrefixes {
  private readonly prefixes: Prefix[] = [{ opNumber: 0, hash: '', parent: EMPTY }];
  private readonly byHash = new Map<string, number>([['', EMPTY]]);

  /** Entries are met in the order of the log, so that each one's predecessor is known. */
  add({ hash, parentHash, opNumber }: LogEntry): number {
    const known = this.byHash.get(hash);
    if (known !== undefined) return known;
    const prefix = { hash, opNumber, parent: this.endingWith(parentHash) };
    this.byHash.set(hash, this.prefixes.length);
    return this.prefixes.push(prefix) - 1;
  }

  endingWith(hash: ByteString): number {
    const known = this.byHash.get(hash);
    if (known === undefined) throw new RangeError(`no log ends with entry ${toHex(hash)}`);
    return known;
  }

  opOf(prefix: number): number {
    return this.at(prefix).opNumber;
  }

  hashOf(prefix: number): string {
    return this.at(prefix).hash;
  }

  /** Nothing of `shorter` is missing in `longer`. */
  isPrefix(shorter: number, longer: number): boolean {
    const op = this.opOf(shorter);
    let at = longer;
    while (this.opOf(at) > op) at = this.at(at).parent;
    return at === shorter;
  }

  /** One is a prefix of the other. */
  agree(a: number, b: number): boolean {
    return this.opOf(a) <= this.opOf(b) ? this.isPrefix(a, b) : this.isPrefix(b, a);
  }

  private at(prefix: number): Prefix {
    const found = this.prefixes[prefix];
    if (found === undefined) throw new RangeError(`there is no log ${prefix}`);
    return found;
  }
}
