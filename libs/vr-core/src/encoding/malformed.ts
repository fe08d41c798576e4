/** Bytes or values that do not have the shape they claim. `field` is the path to the part at fault. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
  readonly field: string;
  readonly problem: string;

  constructor(field: string, problem: string) {
    super(field === '' ? problem : `${field}: ${problem}`);
    this.field = field;
    this.problem = problem;
  }

  /** The same fault, seen from the structure around it. */
  within(outer: string): Malformed {
    return new Malformed(this.field === '' ? outer : `${outer}.${this.field}`, this.problem);
  }
}
