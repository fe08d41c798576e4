/** Something has happened in the simulated world that the protocol says never happens. */
export class Violation extends Error {
  override readonly name = 'Violation';
  /** The rule in a few words, with its number where it has one: see the README of this folder. */
  readonly rule: string;

  constructor(rule: string, what: string) {
    super(`${rule}: ${what}`);
    this.rule = rule;
  }
}

/** States a rule. The text is made only when it is broken. */
export function holds(rule: string, condition: boolean, what: () => string): void {
  if (!condition) throw new Violation(rule, what());
}
