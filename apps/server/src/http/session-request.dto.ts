import { LOCK_WAIT_MS_MAX } from '@lockstep/state-machines';
import { WAIT_MS_MAX } from '../contract/long-poll';
import { OptionalInteger, OptionalText, Text } from './dto-fields';

/** How a session names its requests itself, so that a retry is known as one. (decision 1) */
class NamedRequest {
  @OptionalInteger(0, Number.MAX_SAFE_INTEGER)
  requestNumber?: number;

  /** The answers to all numbers below this have been seen. */
  @OptionalInteger(0, Number.MAX_SAFE_INTEGER)
  ackedBelow?: number;
}

/** What one owner of a session asks. */
export class SessionRequestDto extends NamedRequest {
  @Text('57-0')
  session: string;

  /** Tells apart tasks of one session that lock on their own. */
  @OptionalText()
  owner?: string;
}

/** What may have to wait. */
export class WaitingRequestDto extends SessionRequestDto {
  /** How long to wait, by the group's clock: 0 does not, left out waits as long as the session lives. */
  @OptionalInteger(0, LOCK_WAIT_MS_MAX)
  waitMs?: number;

  /** Keep this answer open so long for the end of the wait, instead of answering 202 at once. */
  @OptionalInteger(0, WAIT_MS_MAX)
  holdMs?: number;
}

/** What the holder of a fence asks. */
export class HolderRequestDto extends SessionRequestDto {
  /** The fence of the grant, as a decimal string. */
  @Text('17592186044417')
  fence: string;
}
