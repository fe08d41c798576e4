import { Transform } from 'class-transformer';

const DIGITS = /^\d{1,16}$/;

/** A number of a query string; anything else stays what it is and is refused by its check. */
export const QueryNumber = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && DIGITS.test(value) ? Number(value) : value,
  );

const WORDS = new Map<unknown, boolean>([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** `true` or `false` of a query string, or 1 or 0. */
export const QueryBoolean = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => WORDS.get(value) ?? value);
