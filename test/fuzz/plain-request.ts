import { HttpConnection } from './http-connection';
import { bytesOf } from './fuzz-request';
import { jsonOf } from './verdict';

export interface PlainAnswer {
  readonly status: number;
  /** The parsed body; `{}` when there is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

const PATIENCE_MS = 60_000;

/** An ordinary request on a connection of its own: `fetch` would keep connections open, which are counted here. */
export async function rest(
  url: string,
  method = 'GET',
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<PlainAnswer> {
  const { port, pathname, search } = new URL(url);
  const connection = new HttpConnection(Number(port));
  const request = {
    family: 'plain',
    method,
    target: pathname + search,
    headers: [
      ...Object.entries(headers),
      ...(body === undefined ? [] : [['Content-Type', 'application/json'] as const]),
    ],
    body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
  };
  const answer = await connection.exchange(bytesOf(request), PATIENCE_MS);
  connection.close();
  if (typeof answer === 'string') throw new Error(`${method} ${url}: ${answer}`);
  return { status: answer.status, body: jsonOf(answer) ?? {} };
}
