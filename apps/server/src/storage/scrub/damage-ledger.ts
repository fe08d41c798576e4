import { keyOfDamage, nameOfDamage, type Damage } from './damage';

interface Entry {
  readonly damage: Damage;
  /** When it was last tried to mend it, on the monotonic clock. */
  triedAtMs: number;
  tries: number;
}

type Report = (level: 'warn' | 'error', text: string) => void;

/** What is tried again, and told again, while it stays damaged. */
const AGAIN_MS = 60_000;

/** The damage that was found and is not repaired yet; and how much there was of it. */
export class DamageLedger {
  found = 0;
  repaired = 0;
  private readonly report: Report;
  private readonly open = new Map<string, Entry>();

  constructor(report: Report) {
    this.report = report;
  }

  get size(): number {
    return this.open.size;
  }

  get all(): readonly Damage[] {
    return [...this.open.values()].map(({ damage }) => damage);
  }

  /** The same damage counts once for as long as it lasts. */
  note(damage: Damage): void {
    const key = keyOfDamage(damage);
    if (this.open.has(key)) return;
    this.found += 1;
    this.open.set(key, { damage, triedAtMs: Number.NEGATIVE_INFINITY, tries: 0 });
    this.report('warn', `damage on the disk: ${nameOfDamage(damage)}`);
  }

  mended(damage: Damage): void {
    if (!this.open.delete(keyOfDamage(damage))) return;
    this.repaired += 1;
    this.report('warn', `damage on the disk repaired: ${nameOfDamage(damage)}`);
  }

  /** What is to be tried now, for the first time or again. */
  due(nowMs: number): readonly Damage[] {
    const due = [...this.open.values()].filter(({ triedAtMs }) => nowMs - triedAtMs >= AGAIN_MS);
    for (const entry of due) {
      entry.triedAtMs = nowMs;
      entry.tries += 1;
      if (entry.tries > 1)
        this.report('error', `damage on the disk stays: ${nameOfDamage(entry.damage)}`);
    }
    return due.map(({ damage }) => damage);
  }
}
