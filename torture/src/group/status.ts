/** What a replica says of itself. */
export interface OwnStatus {
  readonly id: string;
  readonly replicaNumber: number;
  readonly role: string;
  readonly status: string;
  readonly serving: boolean;
  readonly epoch: number;
  readonly view: number;
  /** Of a witness this is what it holds of the log. */
  readonly op: number;
  readonly executed: number;
  readonly commit: number;
  readonly stateWhole: boolean;
  readonly lagMs: number;
}

const ASK_MS = 3_000;

export async function askJson(
  url: string,
  method: 'GET' | 'POST' = 'GET',
  body?: unknown,
  timeoutMs = ASK_MS,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> } | undefined> {
  try {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  } catch {
    return undefined;
  }
}

/** Undefined while it does not answer. */
export async function statusOf(url: string): Promise<OwnStatus | undefined> {
  const answer = await askJson(`${url}/v1/cluster/replica`);
  if (answer?.status !== 200) return undefined;
  const body = answer.body as unknown as OwnStatus;
  // Op-numbers travel as text.
  const { op, executed, commit } = answer.body;
  return { ...body, op: Number(op), executed: Number(executed), commit: Number(commit) };
}

export async function isReady(url: string, role: string): Promise<boolean> {
  const probe = role === 'witness' ? 'live' : 'ready';
  const answer = await askJson(`${url}/health/${probe}`);
  return answer?.status === 200;
}
