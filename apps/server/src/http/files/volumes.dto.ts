import { ApiPropertyOptional } from '@nestjs/swagger';
import { LISTING_MAX, NAME_MAX } from '@lockstep/state-machines';
import { IsBoolean, IsOptional } from 'class-validator';
import {
  OptionalInteger,
  OptionalQueryInteger,
  OptionalText,
  OptionalWord,
  Text,
} from '../dto-fields';
import { ReadQuery } from '../read-query.dto';

const COUNT_MAX = Number.MAX_SAFE_INTEGER;
const SPAN_MS_MAX = 2 ** 40;

export class PageQuery extends ReadQuery {
  /** The `next` of the page before. */
  @OptionalText()
  after?: string;

  @OptionalQueryInteger(1, LISTING_MAX)
  limit?: number;
}

export class NameDto {
  @Text('before-the-release')
  name: string;
}

export class SnapshotRenameDto {
  @Text()
  to: string;
}

export class RestoreDto {
  /** Another path than the one it had. */
  @OptionalText()
  to?: string;

  @OptionalText()
  toBase64?: string;
}

/** What is left out stays as it is. */
export class VolumeDto {
  /** Whose rules where systems differ. */
  @OptionalWord(['linux', 'freebsd'], 'linux')
  flavour?: string;

  @ApiPropertyOptional({ default: false })
  @IsOptional()
  @IsBoolean()
  readOnly?: boolean;

  /** 0: no limit. */
  @OptionalInteger(0, COUNT_MAX)
  inodesMax?: number;

  /** 0: no limit. */
  @OptionalInteger(0, COUNT_MAX)
  bytesMax?: number;

  @OptionalInteger(1, NAME_MAX)
  nameMax?: number;

  /** How many ops back the past can be read; 0 keeps none. */
  @OptionalInteger(0, COUNT_MAX)
  historyOps?: number;

  /** How many bytes the past may take. */
  @OptionalInteger(0, COUNT_MAX)
  historyBytes?: number;

  /** How long the past can be read. */
  @OptionalInteger(0, SPAN_MS_MAX)
  historyMs?: number;

  /** How long the trash keeps what is put there; 0: until it is discarded. */
  @OptionalInteger(0, SPAN_MS_MAX)
  trashMs?: number;
}
