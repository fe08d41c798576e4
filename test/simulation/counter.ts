export {
  counter,
} from '../../libs/state-machines/src/counter/counter';
export {
  counterAnswer,
  counterOperation,
  decodeCounterOutcome,
  encodeCounterOperation,
  encodeCounterQuery,
  type CounterOperation,
} from '../../libs/state-machines/src/counter/operations';
