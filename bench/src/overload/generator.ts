import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import * as parser from 'socket.io-msgpack-parser';
import { Tally, type Offer, type Offered } from './offer';

/** A process of its own, so that what it costs is not taken for what the group costs. */
process.on('message', (offer: Offer) => {
  void offerLoad(offer).then((offered) => process.send?.(offered));
});
process.on('disconnect', () => process.exit(0));

const STEP_MS = 5;
const NAMES = 1_000;
/** Longer than any request waits for its answer. */
const LAST_ANSWERS_MS = 6_000;

/** Sends one portion of `count` requests; each is noted in the tally when it is answered. */
type Send = (count: number) => void;

async function offerLoad(offer: Offer): Promise<Offered> {
  const tally = new Tally();
  const [send, close] =
    offer.door === 'rest' ? openRest(offer, tally) : await openChannel(offer, tally);
  const startMs = performance.now();
  let due = 0;
  for (let nowMs = startMs; nowMs - startMs < offer.seconds * 1_000; nowMs = performance.now()) {
    const wanted = Math.floor(((nowMs - startMs) / 1_000) * offer.rate) - due;
    due += wanted;
    const count = Math.max(0, Math.min(wanted, offer.unansweredMax - tally.unanswered));
    tally.keptBack += wanted - count;
    tally.sent += count;
    send(count);
    await pause(STEP_MS);
  }
  const endMs = performance.now() + LAST_ANSWERS_MS;
  while (tally.unanswered > 0 && performance.now() < endMs) await pause(STEP_MS);
  close();
  return tally.result();
}

interface Answer {
  readonly id: number;
  readonly problem?: { readonly code: string };
}

async function openChannel({ urls }: Offer, tally: Tally): Promise<[Send, () => void]> {
  const sentAt = new Map<number, number>();
  const sockets = await Promise.all(urls.map(connectTo));
  for (const socket of sockets)
    socket.on('answers', (answers: readonly Answer[]) => {
      const nowMs = performance.now();
      for (const { id, problem } of answers) {
        tally.note(nowMs - (sentAt.get(id) ?? nowMs), problem?.code);
        sentAt.delete(id);
      }
    });
  let id = 0;
  const send: Send = (count) => {
    const nowMs = performance.now();
    const frames: object[][] = sockets.map(() => []);
    for (let n = 0; n < count; n += 1) {
      id += 1;
      sentAt.set(id, nowMs);
      const op = { kind: 'add', name: `c${id % NAMES}` };
      frames[id % frames.length]?.push({ id, service: 'counter', op });
    }
    for (const [n, items] of frames.entries())
      if (items.length > 0) sockets[n]?.emit('requests', items);
  };
  return [
    send,
    () => {
      for (const socket of sockets) socket.disconnect();
    },
  ];
}

function connectTo(url: string): Promise<Socket> {
  const socket = io(`${url}/client`, { parser, transports: ['websocket'], forceNew: true });
  return new Promise((resolve, reject) => {
    socket.once('connect', () => {
      resolve(socket);
    });
    socket.once('connect_error', reject);
  });
}

const BODY = '{}';
const HEADERS = { 'content-type': 'application/json', 'content-length': BODY.length };
const SOCKETS = 1_500;

function openRest({ urls }: Offer, tally: Tally): [Send, () => void] {
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS });
  let n = 0;
  const send: Send = (count) => {
    for (let each = 0; each < count; each += 1) {
      n += 1;
      post(`${urls[n % urls.length] ?? ''}/v1/counter/c${n % NAMES}`, agent, tally);
    }
  };
  return [
    send,
    () => {
      agent.destroy();
    },
  ];
}

function post(url: string, agent: Agent, tally: Tally): void {
  const sentMs = performance.now();
  const told = (code: string | undefined): void => {
    tally.note(performance.now() - sentMs, code);
  };
  const asked = request(url, { method: 'POST', agent, headers: HEADERS }, (answer) => {
    answer.resume();
    answer.once('end', () => {
      told(answer.statusCode === 200 ? undefined : String(answer.statusCode));
    });
  });
  asked.once('error', (fault: NodeJS.ErrnoException) => {
    told(fault.code ?? 'error');
  });
  asked.end(BODY);
}
