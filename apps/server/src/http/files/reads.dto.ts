import { ApiPropertyOptional } from '@nestjs/swagger';
import { LISTING_MAX } from '@lockstep/state-machines';
import { IsBoolean, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import {
  OptionalQueryBoolean,
  OptionalQueryInteger,
  OptionalText,
  OptionalWord,
} from '../dto-fields';
import { QueryBoolean, QueryNumber } from '../numbers';
import { ReadQuery } from '../read-query.dto';

/** Of which state a read is. */
class FileReadQuery extends ReadQuery {
  /** As that op has left it, an op-number, as far back as the volume's history goes. */
  @OptionalText('4711')
  asOf?: string;

  /** As that snapshot keeps it. */
  @OptionalText()
  snapshot?: string;
}

export class FollowQuery extends FileReadQuery {
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
  @OptionalQueryBoolean()
  plus?: boolean;

  /** `true`: the answer has a `pin`, to be given as `asOf` for the next page, so that all pages are of one state. */
  @OptionalQueryBoolean()
  pin?: boolean;
}

export class AccessQuery extends FollowQuery {
  @OptionalQueryInteger(0, 7)
  mode?: number;
}

export class LocksOfFileQuery extends FollowQuery {
  @OptionalText()
  owner?: string;

  /** With it: the first lock that would forbid one of this mode. */
  @OptionalWord(['read', 'write'])
  mode?: string;

  @OptionalQueryInteger(0, Number.MAX_SAFE_INTEGER)
  start?: number;

  @OptionalQueryInteger(0, Number.MAX_SAFE_INTEGER)
  length?: number;
}

export class XattrQuery extends FollowQuery {
  @OptionalText('user.note')
  name?: string;

  @OptionalText()
  nameBase64?: string;
}

export class ChunksQuery extends FollowQuery {
  /** The first index. */
  @OptionalQueryInteger(0, Number.MAX_SAFE_INTEGER)
  from?: number;

  @OptionalQueryInteger(1, 1000)
  limit?: number;
}

export class WatchQuery {
  /** Without symbolic links, `.` and `..`; the root when it is left out. */
  @OptionalText('/jobs')
  path?: string;

  @OptionalText()
  pathBase64?: string;

  /** All that is below, not only what is in it. */
  @OptionalQueryBoolean()
  recursive?: boolean;

  /** The id of the last event that was seen, or an op-number; from now on when it is left out. */
  @OptionalText('57-0')
  from?: string;
}
