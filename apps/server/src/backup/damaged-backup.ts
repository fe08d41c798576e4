/** The file is not what was written, or not a backup: nothing is made of it. The message says where it is wrong. */
export class DamagedBackup extends Error {
  override readonly name: string = 'DamagedBackup';
}

/** It ends too early. Up to its last whole part it may be good. */
export class CutBackup extends DamagedBackup {
  /** Where its last whole part ends, in bytes; 0 when it has none. */
  readonly wholeBytes: number;

  constructor(message: string, wholeBytes: number) {
    super(message);
    this.wholeBytes = wholeBytes;
  }
}
