import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsArray, IsOptional } from 'class-validator';
import type { JsonObject } from '../../contract/json';
import { OptionalInteger, OptionalText } from '../dto-fields';

export class XattrDto {
  @OptionalText()
  value?: string;

  @OptionalText()
  valueBase64?: string;

  /** `create`: there must be none; `replace`: there must be one. */
  @ApiPropertyOptional({ isArray: true, enum: ['create', 'replace'] })
  @IsOptional()
  @IsArray()
  flags?: string[];
}

export class AclDto {
  /** `{tag, id?, perm}`: tag is user-obj, user, group-obj, group, mask or other; perm a number or like `r-x`. */
  @ApiPropertyOptional({ type: [Object] })
  @IsOptional()
  @IsArray()
  access?: JsonObject[];

  /** What is made in the directory gets this. */
  @ApiPropertyOptional({ type: [Object] })
  @IsOptional()
  @IsArray()
  default?: JsonObject[];
}

export class QuotaDto {
  /** Names below: 0 is no limit. */
  @OptionalInteger(0, Number.MAX_SAFE_INTEGER)
  inodes?: number;

  /** Bytes of the files below: 0 is no limit. */
  @OptionalInteger(0, Number.MAX_SAFE_INTEGER)
  bytes?: number;
}

export class ChunksDto {
  /** `{index, dataBase64}` */
  @ApiPropertyOptional({ type: [Object] })
  @IsOptional()
  @IsArray()
  put?: JsonObject[];

  @ApiPropertyOptional({ type: [Number] })
  @IsOptional()
  @IsArray()
  remove?: number[];

  /** Of the file from now on, in bytes. */
  @OptionalInteger(0, Number.MAX_SAFE_INTEGER)
  size?: number;
}
