import { PARTIES_MAX } from '@lockstep/state-machines';
import { Integer } from '../dto-fields';
import { WaitingRequestDto } from '../session-request.dto';

export class EnterBarrierDto extends WaitingRequestDto {
  /** How many have to enter before all of them are inside. */
  @Integer(1, PARTIES_MAX)
  parties: number;
}

export class LeaveBarrierDto extends WaitingRequestDto {}
