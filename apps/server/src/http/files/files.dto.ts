import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { BATCH_MAX, LISTING_MAX } from '@lockstep/state-machines';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  Min,
} from 'class-validator';
import type { JsonObject } from '../../contract/json';
import { QueryBoolean, QueryNumber } from '../numbers';
import { ReadQuery } from '../read-query.dto';

export const FILE_TYPES = ['file', 'dir', 'symlink', 'fifo', 'socket', 'char', 'block'] as const;
const MODE_MAX = 0o7777;
const ID_MAX = 2 ** 32 - 2;

export class FollowQuery extends ReadQuery {
  /** `false`: the link itself, not what it leads to. */
  @ApiPropertyOptional({ default: true })
  @IsOptional()
  @QueryBoolean()
  @IsBoolean()
  follow?: boolean;
}

export class EntriesQuery extends FollowQuery {
  /** The `next` of the page before. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  after?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  afterBase64?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: LISTING_MAX })
  @IsOptional()
  @QueryNumber()
  @IsInt()
  @Min(1)
  @Max(LISTING_MAX)
  limit?: number;

  /** With the attributes of every entry. */
  @ApiPropertyOptional({ default: false })
  @IsOptional()
  @QueryBoolean()
  @IsBoolean()
  plus?: boolean;
}

export class CreateFileDto {
  @ApiProperty({ enum: FILE_TYPES })
  @IsIn(FILE_TYPES)
  type: (typeof FILE_TYPES)[number];

  /** Permission bits as a number, less the caller's umask. */
  @ApiPropertyOptional({ minimum: 0, maximum: MODE_MAX, example: 0o644 })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MODE_MAX)
  mode?: number;

  /** Of a symbolic link. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  target?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  targetBase64?: string;

  /** `{major, minor}` of a device. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsObject()
  rdev?: JsonObject;
}

export class SetAttributesDto {
  @ApiPropertyOptional({ minimum: 0, maximum: MODE_MAX })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MODE_MAX)
  mode?: number;

  @ApiPropertyOptional()
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(ID_MAX)
  uid?: number;

  @ApiPropertyOptional()
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(ID_MAX)
  gid?: number;

  @ApiPropertyOptional()
  @IsOptional()
  @IsInt()
  size?: number;

  /** Nanoseconds since 1970 as a decimal string, `now` or `omit`. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  atime?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  mtime?: string;
}

class FromTo {
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  from?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  fromBase64?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  to?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  toBase64?: string;
}

export class RenameDto extends FromTo {
  @ApiPropertyOptional({ isArray: true, enum: ['noreplace', 'exchange'] })
  @IsOptional()
  @IsArray()
  @IsIn(['noreplace', 'exchange'], { each: true })
  flags?: ('noreplace' | 'exchange')[];
}

export class LinkDto extends FromTo {
  /** `true`: a link to what the symbolic link `from` leads to. */
  @ApiPropertyOptional({ default: false })
  @IsOptional()
  @IsBoolean()
  follow?: boolean;
}

export class SymlinkDto {
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  path?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  pathBase64?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  target?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  targetBase64?: string;
}

export class OperationsDto {
  /** `{uid, gids, umask, cwd}`: who acts. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsObject()
  caller?: JsonObject;

  /** Operations by their `kind`, in order, up to the first that fails. */
  @ApiProperty({ type: [Object], maxItems: BATCH_MAX })
  @IsArray()
  ops: JsonObject[];

  /** All of them or none. */
  @ApiPropertyOptional({ default: false })
  @IsOptional()
  @IsBoolean()
  atomic?: boolean;
}
