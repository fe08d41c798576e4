import type { ReplicaNumber } from '../numbers/numbers';
import type { Ignored } from './ignored';

/** Something worth a line in the log, a count in the metrics, or a row in the console. Never acted upon. */
export type Note =
  /** A step of the protocol: one word for what, one short sentence for how. */
  | { readonly kind: 'protocol'; readonly event: ProtocolEvent; readonly text: string }
  /** A message or input that was not processed, by a reason from a closed list. */
  | {
      readonly kind: 'ignored';
      readonly reason: Ignored;
      readonly what: string;
      readonly from: ReplicaNumber | undefined;
    }
  /** Somebody should look at this. */
  | { readonly kind: 'alarm'; readonly text: string };

export type ProtocolEvent =
  | 'start'
  | 'suspect'
  | 'view-change'
  | 'start-view'
  | 'normal'
  | 'recovery'
  | 'state-transfer'
  | 'step-down'
  | 'lost-quorum'
  | 'found-quorum'
  | 'checkpoint'
  | 'epoch'
  | 'reconfiguration'
  | 'witness'
  | 'lease'
  | 'repair';
