import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsObject, IsOptional, ValidateNested } from 'class-validator';

/** A part of the settings with a class of its own. Its fields are checked to the last, as the whole is. */
export const Section = (type: () => new () => object): PropertyDecorator =>
  applyDecorators(IsObject(), ValidateNested(), Type(type));

/** The same for a part that stands for a service that is off without it. */
export const OptionalSection = (type: () => new () => object): PropertyDecorator =>
  applyDecorators(IsOptional(), Section(type));

/** A list of parts with a class of their own. */
export const SectionList = (type: () => new () => object, most: number): PropertyDecorator =>
  applyDecorators(
    IsArray(),
    ArrayMaxSize(most),
    IsObject({ each: true }),
    ValidateNested({ each: true }),
    Type(type),
  );
