import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { QueryBoolean, QueryNumber } from './numbers';

/** A field of text that must be there; its length is checked where its bytes are counted. */
export const Text = (example?: string): PropertyDecorator =>
  applyDecorators(ApiProperty(example === undefined ? {} : { example }), IsString());

export const OptionalText = (example?: string): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional(example === undefined ? {} : { example }),
    IsOptional(),
    IsString(),
  );

export const Integer = (minimum: number, maximum: number): PropertyDecorator =>
  applyDecorators(ApiProperty({ minimum, maximum }), IsInt(), Min(minimum), Max(maximum));

export const OptionalInteger = (minimum: number, maximum: number): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ minimum, maximum }),
    IsOptional(),
    IsInt(),
    Min(minimum),
    Max(maximum),
  );

/** The same in a query string. */
export const OptionalQueryInteger = (minimum: number, maximum: number): PropertyDecorator =>
  applyDecorators(OptionalInteger(minimum, maximum), QueryNumber());

export const Word = (words: readonly string[]): PropertyDecorator =>
  applyDecorators(ApiProperty({ enum: [...words] }), IsIn(words));

export const OptionalWord = (words: readonly string[], standard?: string): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      enum: [...words],
      ...(standard !== undefined && { default: standard }),
    }),
    IsOptional(),
    IsIn(words),
  );

/** `true` or `false` in a query string. */
export const OptionalQueryBoolean = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: Boolean, default: false }),
    IsOptional(),
    IsBoolean(),
    QueryBoolean(),
  );
