import type { FuzzRequest } from './fuzz-request';

const ATTEMPTS_MAX = 200;

/** The least request that still shows it: headers, parameters and fields are left out one at a time. */
export async function smallerRequest(
  request: FuzzRequest,
  showsIt: (request: FuzzRequest) => Promise<boolean>,
): Promise<FuzzRequest> {
  let smallest = request;
  let attempts = 0;
  for (let found = true; found && attempts < ATTEMPTS_MAX;) {
    found = false;
    for (const candidate of smallerOnes(smallest)) {
      attempts += 1;
      if (attempts > ATTEMPTS_MAX || !(await showsIt(candidate))) continue;
      smallest = candidate;
      found = true;
      break;
    }
  }
  return smallest;
}

function* smallerOnes(request: FuzzRequest): Generator<FuzzRequest> {
  const { headers, target, body, chunkBytes } = request;
  if (chunkBytes !== undefined) yield { ...request, chunkBytes: undefined };
  for (const [at] of headers.entries())
    yield { ...request, headers: headers.filter((_, other) => other !== at) };
  const [path = '', query] = target.split('?');
  const parts = query?.split('&') ?? [];
  for (const [at] of parts.entries()) {
    const rest = parts.filter((_, other) => other !== at).join('&');
    yield { ...request, target: rest === '' ? path : `${path}?${rest}` };
  }
  if (body === undefined) return;
  yield { ...request, body: undefined };
  const fields = fieldsOf(body);
  for (const name of Object.keys(fields ?? {})) {
    const { [name]: _, ...rest } = fields ?? {};
    yield { ...request, body: Buffer.from(JSON.stringify(rest)) };
  }
  if (fields === undefined && body.length > 1)
    yield { ...request, body: body.subarray(0, body.length >> 1) };
}

function fieldsOf(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
