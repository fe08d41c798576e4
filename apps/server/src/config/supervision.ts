import type { Status } from '@lockstep/vr-core';
import type { ReplicaRole } from './replica-role';

/**
 * What a replica process and its supervisor tell each other over the IPC channel of `child_process`. A replica also runs
 * without a supervisor: then all of this is silent.
 */
export type ReplicaReport =
  /** The door is open. */
  | { readonly kind: 'listening'; readonly url: string }
  /** Sent at the start and at every change of any of these. */
  | {
      readonly kind: 'state';
      readonly status: Status;
      readonly role: ReplicaRole;
      readonly epoch: number;
      readonly view: number;
      /** The primary of that view by replica-number. */
      readonly primary: number;
      /** True at a primary that serves. */
      readonly serving: boolean;
    }
  /** The one line that says why the process ends now, before it exits with 2 or 70. */
  | { readonly kind: 'farewell'; readonly line: string };

/** The whole group stops: SIGTERM follows, and a primary need not step down for anybody. */
export interface GroupStopping {
  readonly kind: 'group-stopping';
}

export interface SupervisorLink {
  report(report: ReplicaReport): void;
  /** Resolves when the report has left, so that the process may exit. */
  farewell(line: string): Promise<void>;
}

interface SupervisorEvents {
  onGroupStopping(): void;
  /** The supervisor is gone: a replica must not linger without it. */
  onSupervisorLost(): void;
}

/** The link of this process to its supervisor; undefined when it was started by hand. */
export function connectSupervisor(events: SupervisorEvents): SupervisorLink | undefined {
  const send = process.send?.bind(process);
  if (send === undefined) return undefined;
  process.on('message', (message: unknown) => {
    if (isGroupStopping(message)) events.onGroupStopping();
  });
  process.on('disconnect', () => {
    events.onSupervisorLost();
  });
  const deliver = (report: ReplicaReport, sent: () => void): void => {
    if (!process.connected) {
      sent();
      return;
    }
    // A supervisor that dies meanwhile is told by 'disconnect', not here.
    send(report, undefined, undefined, sent);
  };
  return {
    report: (report) => {
      deliver(report, () => undefined);
    },
    farewell: (line) =>
      new Promise((resolve) => {
        deliver({ kind: 'farewell', line }, resolve);
      }),
  };
}

function isGroupStopping(message: unknown): message is GroupStopping {
  return (
    typeof message === 'object' &&
    message !== null &&
    'kind' in message &&
    message.kind === 'group-stopping'
  );
}
