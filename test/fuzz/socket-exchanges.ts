import type { Source } from './field-values';
import { FrameSocket, packed, type Opcode, type Packet } from './frame-socket';
import { brokenMsgpack, item, strangePacket } from './strange-frames';
import { strangeText, strangeValue } from './strange-values';

/** What was sent on one connection, and what was wrong with the answers. */
export interface SocketExchange {
  readonly family: string;
  readonly frames: readonly Buffer[];
  readonly finding: string | undefined;
}

const ITEMS_PATIENCE_MS = 60_000;
const CLOSE_MS = 20;

/** Frames of items on `/client`: every item is answered, whatever is in it. */
export async function clientItems(port: number, source: Source): Promise<SocketExchange> {
  const { chance } = source;
  const socket = new FrameSocket(port);
  const frames: Buffer[] = [];
  try {
    if (!(await socket.enter('/client', {})))
      return {
        family: 'client: items',
        frames,
        finding: `nobody is let in: ${JSON.stringify(socket.packets)}`,
      };
    const count = 1 + chance.below(30);
    const items = Array.from({ length: count }, (_, id) => item(id, source));
    frames.push(packed({ type: 2, nsp: '/client', data: ['requests', items] }));
    for (const frame of frames) socket.send(frame);
    await socket.until(() => answersIn(socket.packets).length >= count, ITEMS_PATIENCE_MS);
    return { family: 'client: items', frames, finding: faultOf(socket, items) };
  } finally {
    socket.close();
  }
}

interface ItemAnswer {
  readonly id: number;
  readonly result?: unknown;
  readonly problem?: { readonly code: string; readonly status: number; readonly field?: unknown };
}

function answersIn(packets: readonly Packet[]): ItemAnswer[] {
  return packets.flatMap(({ data }) => {
    const [name, answers] = Array.isArray(data) ? (data as readonly unknown[]) : [];
    return name === 'answers' ? (answers as ItemAnswer[]) : [];
  });
}

function faultOf(
  socket: FrameSocket,
  items: readonly Record<string, unknown>[],
): string | undefined {
  const answers = answersIn(socket.packets);
  const fault = answers.find(({ problem }) => problem !== undefined && isFault(problem.status));
  if (fault !== undefined)
    return `item ${JSON.stringify(items[fault.id])} is answered ${JSON.stringify(fault.problem)}`;
  if (answers.length === items.length) return undefined;
  if (socket.closed && setsPrototype(items)) return undefined;
  if (socket.closed) return `the connection ended for ${JSON.stringify(items).slice(0, 3_000)}`;
  const answered = new Set(answers.map(({ id }) => id));
  const waiting = items.filter(({ id }) => !answered.has(id as number));
  return waiting.every((each) => mayWait(each))
    ? undefined
    : `no answer to ${JSON.stringify(waiting).slice(0, 3_000)}`;
}

/** Such a frame is refused as a whole. */
const setsPrototype = (items: unknown): boolean => JSON.stringify(items).includes('"__proto__":');

const mayWait = (each: Record<string, unknown>): boolean =>
  'timeoutMs' in each || 'waitMs' in each || 'minOp' in each || 'since' in each;

const isFault = (status: number): boolean => status === 500 || status === 502 || status > 507;

/** Whatever comes to mind on one of the namespaces, at each of the layers. */
export async function strangeFrames(port: number, source: Source): Promise<SocketExchange> {
  const { chance } = source;
  const nsp = chance.pick(['/client', '/client', '/peers']);
  const socket = new FrameSocket(port);
  const frames: Buffer[] = [];
  try {
    if (chance.happens(0.85)) await socket.enter(nsp, nsp === '/peers' ? strangeHello(source) : {});
    for (let sent = 0; sent < 1 + chance.below(6) && !socket.closed; sent += 1) {
      const frame = strangeFrame(nsp, source);
      frames.push(frame);
      if (chance.happens(0.05)) socket.sendRaw(frame);
      else socket.send(frame, chance.happens(0.9) ? 2 : chance.pick<Opcode>([1, 8, 9, 10]));
    }
    await socket.until(() => false, CLOSE_MS);
    return { family: `frames: ${nsp}`, frames, finding: undefined };
  } finally {
    socket.close();
  }
}

function strangeFrame(nsp: string, source: Source): Buffer {
  const { chance } = source;
  switch (chance.below(8)) {
    case 0:
      return brokenMsgpack(chance);
    case 1:
      return Buffer.from(
        chance.pick([
          '0',
          '1',
          '2probe',
          '3',
          '4',
          '5',
          '6',
          '7',
          '41',
          '42["requests"]',
          '451-["a",{"_placeholder":true,"num":0}]',
          strangeText(chance),
        ]),
      );
    case 2:
      return Buffer.alloc(1 + chance.below(2_000), chance.below(256));
    case 3:
      return packed({
        type: 2,
        nsp,
        data: [
          'requests',
          Array.from({ length: chance.pick([0, 4_096, 4_097]) }, () =>
            chance.pick<unknown>([null, 1, {}, { id: 1 }, { id: 1.5 }]),
          ),
        ],
      });
    case 4:
      return packed({
        type: 2,
        nsp,
        data: ['requests', strangeText(chance).repeat(chance.pick([1, 1_000]))],
      });
    default:
      return strangePacket(nsp, source);
  }
}

const HELLOS = [
  new Uint8Array(),
  Buffer.from([2]),
  Buffer.alloc(100, 2),
  Buffer.alloc(100_000, 0xff),
];

/** No secret is known here: nobody gets further than the welcome. */
function strangeHello({ chance }: Source): unknown {
  const hello = chance.happens(0.5)
    ? Buffer.from([2, ...Array.from({ length: chance.below(120) }, () => chance.below(256))])
    : chance.pick<unknown>([
        ...HELLOS,
        'text',
        1,
        null,
        undefined,
        [],
        {},
        strangeValue(chance, 4),
      ]);
  return chance.happens(0.9)
    ? { hello }
    : chance.pick<unknown>([{}, undefined, { hello, more: 1 }]);
}
