import { ApiProperty } from '@nestjs/swagger';
import {
  LOCK_ITEMS_MAX,
  LOCK_WAIT_MS_MAX,
  MODES,
  PERMITS_MAX,
  PRIORITY_MAX,
  VICTIMS,
  type Mode,
  type Victim,
} from '@lockstep/state-machines';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, ValidateNested } from 'class-validator';
import { Integer, OptionalInteger, OptionalText, OptionalWord, Text, Word } from '../dto-fields';
import { HolderRequestDto, SessionRequestDto, WaitingRequestDto } from '../session-request.dto';

/** How a place in a queue is taken and a grant is had. */
class GrantRequestDto extends WaitingRequestDto {
  /** For people: who and why. */
  @OptionalText()
  note?: string;

  /** Higher ones wait in front of lower ones; 0 when it is left out. */
  @OptionalInteger(-PRIORITY_MAX, PRIORITY_MAX)
  priority?: number;

  /** The grant ends by itself after so long. */
  @OptionalInteger(0, LOCK_WAIT_MS_MAX)
  maxHoldMs?: number;

  /** The lock stays shut so long after the grant, whenever it is given back. */
  @OptionalInteger(0, LOCK_WAIT_MS_MAX)
  minHoldMs?: number;

  /** A grant out of the queue that nobody claims within this time is passed on. An answer held open claims it. */
  @OptionalInteger(0, LOCK_WAIT_MS_MAX)
  claimMs?: number;

  /** Which request gives way when this one would close a circle. */
  @OptionalWord(VICTIMS, 'requester')
  victim?: Victim;
}

export class AcquireLockDto extends GrantRequestDto {
  @OptionalWord(MODES, 'exclusive')
  mode?: Mode;

  /** With mode `permit`: how many of the semaphore; 1 when it is left out. */
  @OptionalInteger(1, PERMITS_MAX)
  permits?: number;

  /** With mode `permit`: how many there are, unless the semaphore is in use or was given its limit. */
  @OptionalInteger(1, PERMITS_MAX)
  limit?: number;
}

export class LockItemDto {
  @Text('orders/42')
  name: string;

  @OptionalWord(MODES, 'exclusive')
  mode?: Mode;

  @OptionalInteger(1, PERMITS_MAX)
  permits?: number;

  @OptionalInteger(1, PERMITS_MAX)
  limit?: number;
}

export class AcquireLocksDto extends GrantRequestDto {
  /** All of them or none. */
  @ApiProperty({ type: [LockItemDto], maxItems: LOCK_ITEMS_MAX })
  @IsArray()
  @ArrayMaxSize(LOCK_ITEMS_MAX)
  @ValidateNested({ each: true })
  @Type(() => LockItemDto)
  locks: LockItemDto[];
}

export class ReleaseLockDto extends SessionRequestDto {
  /** The fence of the grant, as a decimal string; without it nothing that is held is given up, only a wait. */
  @OptionalText('17592186044417')
  fence?: string;

  /** Text for the lock's value block, written before the lock is free. */
  @OptionalText()
  value?: string;

  /** The same as bytes. */
  @OptionalText()
  valueBase64?: string;
}

export class ConvertLockDto extends HolderRequestDto {
  @Word(MODES)
  mode: Mode;

  @OptionalInteger(0, LOCK_WAIT_MS_MAX)
  waitMs?: number;

  @OptionalInteger(0, LOCK_WAIT_MS_MAX)
  holdMs?: number;

  @OptionalText()
  value?: string;

  @OptionalText()
  valueBase64?: string;
}

export class AmendLockDto extends HolderRequestDto {
  @Text('nightly job')
  note: string;
}

/** Empty text removes the value. */
export class SetValueDto extends HolderRequestDto {
  @OptionalText()
  value?: string;

  @OptionalText()
  valueBase64?: string;
}

export class TransferLockDto extends HolderRequestDto {
  /** The request that is to have it, which waits for nothing else. */
  @Text('61-0#3')
  to: string;
}

export class BreakLockDto {
  /** The fence that was seen: a later grant is not touched. */
  @Text('17592186044417')
  fence: string;

  /** How long the holder may take to give it up; 0, or left out, takes it away at once. */
  @OptionalInteger(0, LOCK_WAIT_MS_MAX)
  graceMs?: number;

  /** For the record, and for the holder. */
  @Text('host is gone')
  reason: string;
}

export class SetLimitDto {
  @Integer(1, PERMITS_MAX)
  limit: number;
}
