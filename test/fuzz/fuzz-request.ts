/** One request as it goes over the wire. Texts are latin1: every char is a byte. */
export interface FuzzRequest {
  /** Which generator made it. */
  readonly family: string;
  /** `POST /v1/locks/{name}/acquire`; undefined when the target was tampered with. */
  readonly route?: string | undefined;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: Buffer | undefined;
  /** Sent in chunks of so many bytes. (RFC 9112 §7.1) */
  readonly chunkBytes?: number | undefined;
  /** The answer may be held open: nobody waits for it for long. */
  readonly mayWait?: boolean;
}

const CRLF = '\r\n';

export function bytesOf(request: FuzzRequest): Buffer {
  const { method, target, headers, body, chunkBytes } = request;
  const framing = framingOf(body, chunkBytes, headers);
  const host = headers.some(([name]) => name === 'Host') ? [] : [['Host', 'fuzz'] as const];
  const lines = [...host, ...headers, ...framing].map(([name, value]) => `${name}: ${value}`);
  const head = [`${method} ${target} HTTP/1.1`, ...lines, '', ''].join(CRLF);
  const content = chunkBytes === undefined ? body : inChunks(body ?? Buffer.alloc(0), chunkBytes);
  return Buffer.concat([Buffer.from(head, 'latin1'), content ?? Buffer.alloc(0)]);
}

function framingOf(
  body: Buffer | undefined,
  chunkBytes: number | undefined,
  headers: FuzzRequest['headers'],
): FuzzRequest['headers'] {
  if (headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name))) return [];
  if (chunkBytes !== undefined) return [['Transfer-Encoding', 'chunked']];
  return body === undefined ? [] : [['Content-Length', `${body.length}`]];
}

function inChunks(body: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    parts.push(Buffer.from(`${part.length.toString(16)}${CRLF}`), part, Buffer.from(CRLF));
  }
  return Buffer.concat([...parts, Buffer.from(`0${CRLF}${CRLF}`)]);
}

const LONG = 4_000;

/** A command that sends it again. What has no place in a command line is sent as bytes. */
export function commandOf(request: FuzzRequest, port: number): string {
  const { method, target, headers, body, chunkBytes } = request;
  const texts = [method, target, ...headers.flat(), body?.toString('latin1') ?? ''];
  if (texts.some((text) => /[^\x20-\x7e]/.test(text)) || chunkBytes !== undefined)
    return bytesCommandOf(bytesOf(request), port);
  const words = ['curl', '-si', '--path-as-is', '-X', quoted(method)];
  for (const [name, value] of headers)
    words.push('-H', quoted(value === '' ? `${name};` : `${name}: ${value}`));
  if (body !== undefined) words.push('--data-binary', quoted(shortened(body.toString('latin1'))));
  return [...words, quoted(`http://127.0.0.1:${port}${target}`)].join(' ');
}

export function bytesCommandOf(bytes: Buffer, port: number): string {
  const text = shortened(bytes.toString('base64'));
  return `echo ${text} | base64 -d | curl -s --max-time 5 telnet://127.0.0.1:${port}`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const shortened = (text: string): string =>
  text.length <= LONG ? text : `${text.slice(0, LONG)}[... ${text.length} in all]`;
