import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Malformed } from '@lockstep/vr-core';
import { IDENTITY_FILE, readIdentity } from '../../apps/server/src/config/identity-file';
import { ConfigError } from '../../apps/server/src/config/replica-config';
import { decodeFrame, encodeFrame } from '../../apps/server/src/peers/frame';
import { readHello } from '../../apps/server/src/peers/handshake';
import { decodePromise, PROMISE_BYTES } from '../../apps/server/src/storage/promise-record';
import { seal } from '../../apps/server/src/storage/sealed';

jest.setTimeout(60_000);

const bytes = fc.uint8Array({ maxLength: 300 });
/** Begins as what is known, so that more of it is looked at. */
const ofVersion = fc
  .tuple(fc.nat(12), bytes)
  .map(([version, rest]) => Buffer.from([version, ...rest]));

/** What `read` throws is what its contract says. */
function throwsOnly(read: () => unknown, expected: new (...args: never[]) => Error): void {
  try {
    read();
  } catch (fault) {
    expect(fault).toBeInstanceOf(expected);
  }
}

describe('what comes from outside', () => {
  it('is a hello or Malformed: nothing else is thrown where it would end the process', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, ofVersion), (data) => {
        throwsOnly(() => readHello(data), Malformed);
      }),
    );
  });

  it('is a frame of messages or none', () => {
    fc.assert(
      fc.property(
        fc.array(bytes, { maxLength: 5 }),
        fc.nat(),
        fc.nat(255),
        (messages, at, byte) => {
          const frame = encodeFrame(messages);
          frame[at % frame.length] = byte;
          const read = decodeFrame(frame);
          expect(read === undefined || read.length === messages.length).toBe(true);
        },
      ),
    );
  });

  it('is a promise, or damaged, or Malformed, whole as its seal may be', () => {
    fc.assert(
      fc.property(ofVersion, (body) => {
        throwsOnly(() => decodePromise(seal(body, PROMISE_BYTES)), Malformed);
        expect(decodePromise(Buffer.from(body))).toBeUndefined();
      }),
    );
  });

  it('is an identity or a ConfigError, whatever stands in the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-identity-'));
    const field = fc.oneof(fc.jsonValue(), fc.constantFrom('durable', 'http://127.0.0.1:1', 2, 0));
    const file = fc.record(
      {
        formatVersion: fc.constant(2),
        groupId: field,
        nodeId: field,
        replicaNumber: field,
        generation: field,
        mode: field,
        url: field,
        epoch: fc.oneof(field, fc.record({ epoch: field, replicas: fc.array(field) })),
        addresses: field,
      },
      { requiredKeys: ['formatVersion'] },
    );
    try {
      await fc.assert(
        fc.asyncProperty(fc.oneof(fc.jsonValue(), file), async (json) => {
          await writeFile(join(folder, IDENTITY_FILE), JSON.stringify(json));
          await expect(readIdentity(folder)).rejects.toBeInstanceOf(ConfigError);
        }),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
