import { ApiProperty } from '@nestjs/swagger';
import { LOCKS_PAGE_MAX } from '@lockstep/state-machines';
import { IsArray, IsString } from 'class-validator';
import { HISTORY_MAX } from '../../contract/lock-history';
import { WAIT_MS_MAX } from '../../contract/long-poll';
import { OptionalQueryInteger, OptionalText, OptionalWord } from '../dto-fields';
import { ReadQuery } from '../read-query.dto';

export class CheckSequencersDto {
  @ApiProperty({ type: [String], maxItems: LOCKS_PAGE_MAX })
  @IsArray()
  @IsString({ each: true })
  sequencers: string[];
}

class PageQuery extends ReadQuery {
  /** The `next` of the page before. */
  @OptionalText()
  after?: string;

  @OptionalQueryInteger(1, LOCKS_PAGE_MAX)
  limit?: number;
}

export class ListLocksQuery extends PageQuery {
  @OptionalText()
  prefix?: string;

  @OptionalWord(['any', 'held', 'waited'])
  state?: 'any' | 'held' | 'waited';
}

export class LockGraphQuery extends PageQuery {}

export class WaitQuery extends ReadQuery {
  /** Answer when it changes, at the latest after this. */
  @OptionalQueryInteger(0, WAIT_MS_MAX)
  waitMs?: number;
}

export class WaitLockQuery extends WaitQuery {
  /** The `Lockstep-Op` of what is known already; 304 when it is still so after `waitMs`. */
  @OptionalQueryInteger(0, Number.MAX_SAFE_INTEGER)
  since?: number;
}

export class LockEventsQuery {
  /** Only of locks, latches and barriers whose names begin so. */
  @OptionalText()
  prefix?: string;

  /** After this event (`<op>-<n>`) or op; from now on when it is left out. `Last-Event-ID` goes before it. */
  @OptionalText('57-0')
  from?: string;
}

export class LockHistoryQuery {
  /** The newest so many; 100 when it is left out. */
  @OptionalQueryInteger(1, HISTORY_MAX)
  limit?: number;
}
