import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { BATCH_MAX } from '@lockstep/state-machines';
import { IsArray, IsBoolean, IsIn, IsObject, IsOptional, IsString } from 'class-validator';
import type { JsonObject, JsonValue } from '../../contract/json';
import { OptionalInteger, OptionalText } from '../dto-fields';

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

const RENAME_FLAGS = ['noreplace', 'exchange', 'whiteout'];

export class RenameDto extends FromTo {
  @ApiPropertyOptional({ isArray: true, enum: RENAME_FLAGS })
  @IsOptional()
  @IsArray()
  @IsIn(RENAME_FLAGS, { each: true })
  flags?: string[];

  /** Only if `from` still has this ETag; `*`: if it is there. */
  @OptionalText()
  ifFrom?: string;

  /** Only if what is at `to` still has this ETag; `*`: if it is there. */
  @OptionalText()
  ifTo?: string;
}

export class LinkDto extends FromTo {
  /** `true`: a link to what the symbolic link `from` leads to. */
  @ApiPropertyOptional({ default: false })
  @IsOptional()
  @IsBoolean()
  follow?: boolean;
}

export class CloneDto extends FromTo {
  /** A directory with all that is below. */
  @ApiPropertyOptional({ default: false })
  @IsOptional()
  @IsBoolean()
  recursive?: boolean;
}

export class ConcatDto {
  @OptionalText()
  to?: string;

  @OptionalText()
  toBase64?: string;

  /** Paths, or `{pathBase64}`, in order. */
  @ApiProperty({ type: [String] })
  @IsArray()
  from: JsonValue[];
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

/** Who acts, under which conditions, and how the request is named. */
class ChangingDto {
  /** `{uid, gids, umask, cwd}`: who acts. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsObject()
  caller?: JsonObject;

  /** `{path, exists}`, `{path, etag}`, `{sequencer}` or `{lock, fence}`. */
  @ApiPropertyOptional({ type: [Object] })
  @IsOptional()
  @IsArray()
  if?: JsonObject[];

  /** Nothing is done; the answer tells what would be, and what it would change. */
  @ApiPropertyOptional({ default: false })
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;

  /** Under which handles, locks and ephemeral names live. */
  @OptionalText('57-0')
  session?: string;

  @OptionalInteger(0, Number.MAX_SAFE_INTEGER)
  requestNumber?: number;

  @OptionalInteger(0, Number.MAX_SAFE_INTEGER)
  ackedBelow?: number;
}

export class OperationsDto extends ChangingDto {
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

export class TransactionDto extends ChangingDto {
  /** When every condition of `if` holds. */
  @ApiProperty({ type: [Object], maxItems: BATCH_MAX })
  @IsArray()
  then: JsonObject[];

  /** When one does not. */
  @ApiPropertyOptional({ type: [Object], maxItems: BATCH_MAX })
  @IsOptional()
  @IsArray()
  else?: JsonObject[];
}

export class ExplainDto {
  @ApiPropertyOptional()
  @IsOptional()
  @IsObject()
  caller?: JsonObject;

  /** One operation, as in `ops`. */
  @ApiProperty()
  @IsObject()
  op: JsonObject;
}
