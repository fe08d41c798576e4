/** Reads values of parsed JSON that may be anything; throws what `fail` makes, with the name of the field. */
export class JsonReader {
  private readonly fail: (name: string) => Error;

  constructor(fail: (name: string) => Error) {
    this.fail = fail;
  }

  record(json: unknown, name: string): Readonly<Record<string, unknown>> {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) throw this.fail(name);
    return json as Record<string, unknown>;
  }

  list(json: unknown, name: string, most: number): readonly unknown[] {
    if (!Array.isArray(json) || json.length > most) throw this.fail(name);
    return json as readonly unknown[];
  }

  /** Of 1 to 256 characters. */
  text(json: unknown, name: string): string {
    if (typeof json !== 'string' || json === '' || json.length > 256) throw this.fail(name);
    return json;
  }

  counter(json: unknown, name: string): number {
    if (typeof json !== 'number' || !Number.isSafeInteger(json) || json < 0) throw this.fail(name);
    return json;
  }

  word<W extends string>(json: unknown, name: string, words: readonly W[]): W {
    const word = words.find((each) => each === json);
    if (word === undefined) throw this.fail(name);
    return word;
  }

  /** An absolute http or https URL, as its origin. */
  url(json: unknown, name: string): string {
    const text = this.text(json, name);
    if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw this.fail(name);
    return new URL(text).origin;
  }

  hex(json: unknown, name: string): Buffer {
    if (typeof json !== 'string' || !/^(?:[0-9a-f]{2}){0,64}$/.test(json)) throw this.fail(name);
    return Buffer.from(json, 'hex');
  }
}
