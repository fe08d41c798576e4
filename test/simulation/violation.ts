/** Something has happened in the simulated world that the protocol says never happens. */
export class Violation extends Error {
  override readonly name = 'Violation';
  /** The rule, as `docs/simulation.md` names it. */
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
