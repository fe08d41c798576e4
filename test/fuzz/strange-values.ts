import type { Chance } from '../simulation/chance';

/** Text that goes into JSON as it stands, so that JSON can be what no serializer makes. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Values of JSON, and things that only look like it. */
export type Json =
  string | number | boolean | null | RawJson | readonly Json[] | { readonly [field: string]: Json };

const TEXTS = [
  '',
  ' ',
  '.',
  '..',
  '/',
  '//',
  '/../..',
  '/a/../b',
  'a\0b',
  'a\r\nx-injected: 1',
  '\u202e\u0000',
  '\ud800',
  '\udc00x',
  '😀'.repeat(70),
  'é'.repeat(256),
  'n'.repeat(256),
  'n'.repeat(513),
  'n'.repeat(10_000),
  '@election:a',
  '@latch:a',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'NaN',
  'null',
  'undefined',
  '-0',
  '0',
  '00',
  '1e3',
  '0x10',
  '-1',
  '9007199254740993',
  '18446744073709551616',
  '1-0',
  '999999999999999-0',
  '1-99999999999',
  'local*00',
  '*',
  '"',
  '\\',
  '%00',
  '%',
  '../../etc/passwd',
  '${7*7}',
  "';--",
  '<script>',
  'AA==',
  'A',
  '=====',
  'a;b;c',
  'door;exclusive;17592186044417',
  'door;exclusive;17592186044417;1;1;AAAA',
] as const;

const NUMBERS = [
  '0',
  '-0',
  '-1',
  '1',
  '0.5',
  '1e-320',
  '1e308',
  '1e999',
  '-1e999',
  '255',
  '256',
  '4095',
  '4096',
  '65535',
  '65536',
  '2147483647',
  '2147483648',
  '4294967294',
  '4294967295',
  '4294967296',
  '1099511627776',
  '1099511627777',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '18446744073709551615',
  '18446744073709551616',
  '1e21',
  '123456789012345678901234567890',
] as const;

const NOT_JSON = ['NaN', 'Infinity', 'undefined', '01', '+1', "'a'", '{a:1}', '[1,]', '/*x*/1'];

export const strangeText = (chance: Chance): string => chance.pick(TEXTS);

export const strangeNumber = (chance: Chance): RawJson => new RawJson(chance.pick(NUMBERS));

export function strangeValue(chance: Chance, depth = 0): Json {
  switch (chance.below(depth > 3 ? 5 : 9)) {
    case 0:
      return strangeText(chance);
    case 1:
      return strangeNumber(chance);
    case 2:
      return chance.pick([true, false, null]);
    case 3:
      return chance.pick<Json>([[], {}]);
    case 4:
      return new RawJson(chance.happens(0.2) ? chance.pick(NOT_JSON) : chance.pick(NUMBERS));
    case 5:
      return Array.from({ length: chance.below(4) }, () => strangeValue(chance, depth + 1));
    case 6:
      return { [strangeText(chance)]: strangeValue(chance, depth + 1) };
    case 7:
      return new RawJson(nested(chance.pick([5, 31, 32, 33, 1_000, 20_000]), chance));
    default:
      return { toString: strangeValue(chance, 4), valueOf: 1, length: strangeNumber(chance) };
  }
}

function nested(depth: number, chance: Chance): string {
  if (chance.happens(0.5)) return '['.repeat(depth) + ']'.repeat(depth);
  return '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
}

export function jsonText(value: Json): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value as Readonly<Record<string, Json>>);
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${jsonText(inner)}`).join(',')}}`;
}
