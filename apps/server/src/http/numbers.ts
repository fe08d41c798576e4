import { Transform } from 'class-transformer';

const DIGITS = /^\d{1,16}$/;

/** A number of a query string; anything else stays what it is and is refused by its check. */
export const QueryNumber = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && DIGITS.test(value) ? Number(value) : value,
  );

/** `true` or `false` of a query string. */
export const QueryBoolean = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    value === 'true' ? true : value === 'false' ? false : value,
  );
