/** An answer of REST as tests look at it. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; `{}` when there is none. */
  readonly body: Record<string, unknown>;
}

/** Plain HTTP, without any help: what somebody with `curl` does. */
export async function rest(
  url: string,
  method = 'GET',
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<RestAnswer> {
  const answer = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: isRaw(body) ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

const isRaw = (body: unknown): body is string | Uint8Array =>
  typeof body === 'string' || body instanceof Uint8Array;
