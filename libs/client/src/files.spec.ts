import { ProblemError } from './errors';
import { FsError } from './fs-error';
import type { Operation, Read } from './protocol';
import { clientOf, FakeGroup, Refusal, useHandClock } from '../../../test/server/client-fake-group';

useHandClock();

describe('files', () => {
  it('fail as those of node:fs do', async () => {
    const group = new FakeGroup();
    const { files } = clientOf(group);
    group.execute = () => {
      throw new Refusal('ENOENT', { component: 'b' });
    };
    const error = await files.mkdir('/a/b/c').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(FsError);
    expect(error).toMatchObject({
      code: 'ENOENT',
      errno: -2,
      syscall: 'mkdir',
      path: '/a/b/c',
      component: 'b',
    });
  });

  it('keep other problems as they are', async () => {
    const group = new FakeGroup();
    group.execute = () => {
      throw new Refusal('malformed', { field: 'mode' });
    };
    const error = await clientOf(group)
      .files.mkdir('/a')
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).not.toBeInstanceOf(FsError);
  });

  it('are listed page by page, names that are no text included', async () => {
    const group = new FakeGroup();
    const pages = [
      { entries: [{ name: 'a', ino: '2', type: 'file' }], nextBase64: '/w==' },
      { entries: [{ nameBase64: '/w==', ino: '9007199254740993', type: 'dir' }] },
    ];
    const asked: Operation[] = [];
    group.answerRead = (query) => pages[asked.push(query) - 1]!;
    const names = [];
    for await (const { name, ino } of clientOf(group).files.entries('/')) names.push([name, ino]);
    expect(names).toEqual([
      ['a', 2n],
      [Uint8Array.of(255), 9007199254740993n],
    ]);
    expect(asked.map(({ afterBase64 }) => afterBase64)).toEqual([undefined, '/w==']);
  });

  it('show their own writes to stale reads', async () => {
    const group = new FakeGroup();
    const client = clientOf(group);
    await client.counters.add('c');
    await client.counters.add('c');
    let asked: Read | undefined;
    group.answerRead = (_, read) => {
      asked = read;
      return { value: 2 };
    };
    await client.counters.get('c', { consistency: 'stale' });
    expect(asked).toMatchObject({ consistency: 'stale', minOp: 2 });
  });
});
