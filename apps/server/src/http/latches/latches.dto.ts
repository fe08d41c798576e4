import { PERMITS_MAX } from '@lockstep/state-machines';
import { Integer, OptionalInteger } from '../dto-fields';

export class SetLatchDto {
  /** What is to be counted down; a latch that is still shut keeps its count. */
  @Integer(0, PERMITS_MAX)
  count: number;
}

export class CountDownDto {
  /** 1 when it is left out. */
  @OptionalInteger(1, PERMITS_MAX)
  by?: number;
}
