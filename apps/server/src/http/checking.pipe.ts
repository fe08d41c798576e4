import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { malformed, type Problem } from '../contract/problem';

/** DTOs are checked to the last field: unknown ones are refused, and the problem names the first at fault. */
export function checkingPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
    exceptionFactory: problemOf,
  });
}

function problemOf(errors: readonly ValidationError[]): Problem {
  const [first] = errors;
  if (first === undefined) return malformed('', 'cannot be read');
  return problemIn(first, first.property);
}

function problemIn(error: ValidationError, field: string): Problem {
  const [inner] = error.children ?? [];
  if (inner !== undefined) return problemIn(inner, `${field}.${inner.property}`);
  const [[kind, message] = ['', 'cannot be read']] = Object.entries(error.constraints ?? {});
  if (kind === 'whitelistValidation') return malformed(field, 'is not a known field');
  return malformed(field, message.replace(`${error.property} `, ''));
}
