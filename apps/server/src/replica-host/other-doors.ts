import type { Fetch } from '@lockstep/client';
import { replicaCredential } from '../access/replica-credential';
import type { GroupSecret } from '../config/group-secret';
import { isObject, type JsonObject } from '../contract/json';

export interface DoorAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

/** Says that a replica asks, which will not ask others in turn: no request goes in circles. */
export const FROM_REPLICA = 'lockstep-from-replica';

/** The REST doors of other replicas: what one replica alone knows or may do. */
export class OtherDoors {
  private readonly nodeId: string;
  private readonly fetch: Fetch;
  private readonly secret: GroupSecret;

  constructor(nodeId: string, secret: GroupSecret, fetch: Fetch) {
    this.nodeId = nodeId;
    this.secret = secret;
    this.fetch = fetch;
  }

  /** Undefined when there is no answer in time. `principal` is on whose behalf, when somebody has been let in here. */
  async ask(
    url: string,
    path: string,
    options: {
      readonly method?: 'GET' | 'POST';
      readonly timeoutMs: number;
      readonly principal?: string;
    },
  ): Promise<DoorAnswer | undefined> {
    const { method = 'GET', timeoutMs, principal } = options;
    const asked = {
      node: this.nodeId,
      method,
      path,
      ...(principal !== undefined && { principal }),
    };
    const authorization = replicaCredential(this.secret, asked);
    try {
      const response = await this.fetch(`${url}${path}`, {
        method,
        headers: { [FROM_REPLICA]: this.nodeId, authorization },
        signal: AbortSignal.timeout(timeoutMs),
      });
      const body: unknown = await response.json();
      return isObject(body) ? { status: response.status, body } : undefined;
    } catch {
      return undefined;
    }
  }
}
