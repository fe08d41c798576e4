import { decode, encode, union, type Shape } from '../encoding/shape';
import { prepareShape, type Prepare } from './prepare';
import { prepareOkShape, type PrepareOk } from './prepare-ok';
import { commitShape, type Commit } from './commit';
import { commitOkShape, type CommitOk } from './commit-ok';
import { startViewChangeShape, type StartViewChange } from './start-view-change';
import { doViewChangeShape, type DoViewChange } from './do-view-change';
import { startViewShape, type StartView } from './start-view';
import { getViewShape, type GetView } from './get-view';
import { getStateShape, type GetState } from './get-state';
import { newStateShape, type NewState } from './new-state';
import { recoveryShape, type Recovery } from './recovery';
import { recoveryResponseShape, type RecoveryResponse } from './recovery-response';
import { forwardShape, type Forward } from './forward';
import { forwardedShape, type Forwarded } from './forwarded';
import { keepAliveShape, type KeepAlive } from './keep-alive';
import { keptAliveShape, type KeptAliveMessage } from './kept-alive';
import { readIndexShape, type ReadIndex } from './read-index';
import { readIndexOkShape, type ReadIndexOk } from './read-index-ok';
import { getLogShape, type GetLog } from './get-log';
import { logSegmentShape, type LogSegment } from './log-segment';
import { getBlocksShape, type GetBlocks } from './get-blocks';
import { blocksShape, type Blocks } from './blocks';
import { startEpochShape, type StartEpoch } from './start-epoch';
import { epochStartedShape, type EpochStarted } from './epoch-started';
import { newEpochShape, type NewEpoch } from './new-epoch';

/** Everything one replica says to another. */
export type Message =
  | Prepare
  | PrepareOk
  | Commit
  | CommitOk
  | StartViewChange
  | DoViewChange
  | StartView
  | GetView
  | GetState
  | NewState
  | Recovery
  | RecoveryResponse
  | Forward
  | Forwarded
  | KeepAlive
  | KeptAliveMessage
  | ReadIndex
  | ReadIndexOk
  | GetLog
  | LogSegment
  | GetBlocks
  | Blocks
  | StartEpoch
  | EpochStarted
  | NewEpoch;

/** The order is the wire's: append, never reorder. */
const messageShape = union({
  Prepare: prepareShape,
  PrepareOk: prepareOkShape,
  Commit: commitShape,
  CommitOk: commitOkShape,
  StartViewChange: startViewChangeShape,
  DoViewChange: doViewChangeShape,
  StartView: startViewShape,
  GetView: getViewShape,
  GetState: getStateShape,
  NewState: newStateShape,
  Recovery: recoveryShape,
  RecoveryResponse: recoveryResponseShape,
  Forward: forwardShape,
  Forwarded: forwardedShape,
  KeepAlive: keepAliveShape,
  KeptAlive: keptAliveShape,
  ReadIndex: readIndexShape,
  ReadIndexOk: readIndexOkShape,
  GetLog: getLogShape,
  LogSegment: logSegmentShape,
  GetBlocks: getBlocksShape,
  Blocks: blocksShape,
  StartEpoch: startEpochShape,
  EpochStarted: epochStartedShape,
  NewEpoch: newEpochShape,
}) as Shape<Message>;

export function encodeMessage(message: Message): Uint8Array {
  return encode(messageShape, message);
}

/** Throws `Malformed`. Entries inside are still encoded: they are checked where they are used. */
export function decodeMessage(data: Uint8Array): Message {
  return decode(messageShape, data);
}
