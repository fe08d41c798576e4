import { applyDecorators, type HttpStatus } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';

/** In the document: the usual status of a route, and what else it answers when all is well. */
export function Answers(
  usual: HttpStatus,
  more: Readonly<Record<number, string>>,
): MethodDecorator {
  return applyDecorators(
    ApiResponse({ status: usual, description: '' }),
    ...Object.entries(more).map(([status, description]) =>
      ApiResponse({ status: Number(status), description }),
    ),
  );
}
