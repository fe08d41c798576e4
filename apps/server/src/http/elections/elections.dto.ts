import { LOCK_WAIT_MS_MAX, PRIORITY_MAX } from '@lockstep/state-machines';
import { OptionalInteger, OptionalText, Text } from '../dto-fields';
import { HolderRequestDto, SessionRequestDto, WaitingRequestDto } from '../session-request.dto';

export class CampaignDto extends WaitingRequestDto {
  /** What everybody is told of the leader once this candidate leads: an address, for example. */
  @OptionalText('10.0.0.7:9000')
  value?: string;

  @OptionalInteger(-PRIORITY_MAX, PRIORITY_MAX)
  priority?: number;

  /** An election out of the queue that nobody claims within this time is passed on. */
  @OptionalInteger(0, LOCK_WAIT_MS_MAX)
  claimMs?: number;
}

export class ProclaimDto extends HolderRequestDto {
  @Text('10.0.0.7:9001')
  value: string;
}

export class ResignDto extends SessionRequestDto {
  /** The leader's fence; without it a candidacy is withdrawn. */
  @OptionalText('17592186044417')
  fence?: string;
}

export class TransferElectionDto extends HolderRequestDto {
  /** The request of the candidate that is to lead. */
  @Text('61-0#3')
  to: string;
}
