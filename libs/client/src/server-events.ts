/** One event of a `text/event-stream`. (WHATWG HTML §9.2) */
export interface ServerEvent {
  /** The last id that was told. */
  readonly id: string;
  readonly name: string;
  /** Empty for a sign of life, which may tell a new id all the same. */
  readonly data: string;
}

/** The events of a stream in the form that Lockstep sends: `id`, `event` and `data` in lines of their own. */
export async function* readServerEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let id = '';
  let rest = '';
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      const blocks = (rest + decoder.decode(chunk.value, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = readBlock(block, id);
        id = event.id;
        yield event;
      }
    }
  } finally {
    // Whoever stops listening closes the stream.
    reader.cancel().catch(() => undefined);
  }
}

function readBlock(block: string, idBefore: string): ServerEvent {
  const fields = new Map(block.split('\n').map((line) => fieldOf(line)));
  return {
    id: fields.get('id') ?? idBefore,
    name: fields.get('event') ?? 'message',
    data: fields.get('data') ?? '',
  };
}

function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}
