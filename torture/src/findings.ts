import { nowMs } from './clock';

/** Something that must not be, and the shortest of what shows it. */
export interface Finding {
  /** Which rule is broken, in few words; the same for the same kind of fault. */
  readonly check: string;
  readonly what: string;
  readonly atMs: number;
  readonly evidence: readonly string[];
}

const KEPT = 50;
/** One broken rule is seen again and again; the first times tell all there is to tell. */
const KEPT_OF_ONE = 3;

/** What was found; of one kind, and of all, no more than tells something new. */
export class Findings {
  readonly list: Finding[] = [];
  count = 0;
  readonly #onFinding: (finding: Finding) => void;

  constructor(onFinding: (finding: Finding) => void) {
    this.#onFinding = onFinding;
  }

  add(check: string, what: string, evidence: readonly string[] = []): void {
    this.count += 1;
    const same = this.list.filter((each) => each.check === check).length;
    if (this.list.length >= KEPT || same >= KEPT_OF_ONE) return;
    const finding = { check, what, atMs: nowMs(), evidence };
    this.list.push(finding);
    this.#onFinding(finding);
  }
}
