import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsObject, IsOptional, IsString, Max, Min } from 'class-validator';
import type { JsonObject } from '../../contract/json';
import { OptionalInteger, OptionalQueryBoolean, OptionalText } from '../dto-fields';

const FILE_TYPES = ['file', 'dir', 'symlink', 'fifo', 'socket', 'char', 'block'] as const;
const MODE_MAX = 0o7777;
const ID_MAX = 2 ** 32 - 2;

/** What may be only tried. */
export class ValidateQuery {
  /** `true`: nothing is done; the answer tells what would be, and what it would change. */
  @OptionalQueryBoolean()
  validate?: boolean;

  /** `false`: the link itself, not what it leads to. */
  @OptionalQueryBoolean()
  follow?: boolean;
}

export class DeleteQuery extends ValidateQuery {
  /** With all that is below, at once. */
  @OptionalQueryBoolean()
  recursive?: boolean;

  /** Kept in the trash of the volume for a while. */
  @OptionalQueryBoolean()
  trash?: boolean;
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

  /** Make the directories above as well. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsBoolean()
  parents?: boolean;

  /** Of a file: 64 KiB at most. Of one that was there the content is replaced. */
  @OptionalText()
  contentBase64?: string;

  /** Complete the name with the next number of its directory. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsBoolean()
  sequential?: boolean;

  /** It goes with the session. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsBoolean()
  ephemeral?: boolean;

  /** It goes when nothing has changed it for so long. */
  @OptionalInteger(1, 2 ** 40)
  ttlMs?: number;

  /** Of a directory: it goes with its last entry. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsBoolean()
  container?: boolean;

  @OptionalText('57-0')
  session?: string;

  @OptionalInteger(0, Number.MAX_SAFE_INTEGER)
  requestNumber?: number;

  @OptionalInteger(0, Number.MAX_SAFE_INTEGER)
  ackedBelow?: number;
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

  /** As `st_flags` of FreeBSD has them: immutable 2, append-only 4, nounlink 16; for root alone 0x20000 and up. */
  @OptionalInteger(0, 2 ** 32 - 1)
  flags?: number;
}
