import { GroupHarness } from './group-harness';

jest.setTimeout(180_000);

/** What clients of HDFS send, as they send it: first where to, then what. (WebHDFS REST API of Apache Hadoop) */
describe('webhdfs', () => {
  let group: GroupHarness;
  let hdfs: string;

  beforeAll(async () => {
    group = await GroupHarness.start();
    hdfs = `${(await group.backups())[0]?.url ?? ''}/webhdfs/v1`;
  });
  afterAll(() => group.stop());

  async function call(method: string, path: string, query: string): Promise<unknown> {
    const answer = await fetch(`${hdfs}${path}?user.name=root&${query}`, { method });
    const text = await answer.text();
    return text === '' ? answer.status : (JSON.parse(text) as unknown);
  }

  /** The two steps of CREATE and APPEND. */
  async function send(method: string, path: string, query: string, body: string): Promise<number> {
    const url = `${hdfs}${path}?${query}`;
    const first = await fetch(url, { method, redirect: 'manual' });
    expect(first.status).toBe(307);
    const location = first.headers.get('location') ?? '';
    const headers = { 'content-type': 'application/octet-stream' };
    return (await fetch(location, { method, body, headers })).status;
  }

  const open = async (path: string, query = ''): Promise<string> =>
    (await fetch(`${hdfs}${path}?op=OPEN${query}`)).text();

  it('writes, appends and reads a file, and makes the directories above', async () => {
    expect(await send('PUT', '/d/e/f', 'op=CREATE&overwrite=true', 'hello')).toBe(201);
    expect(await send('POST', '/d/e/f', 'op=APPEND', ' world')).toBe(200);
    expect(await open('/d/e/f')).toBe('hello world');
    expect(await open('/d/e/f', '&offset=6&length=3')).toBe('wor');
    expect(await send('PUT', '/d/e/f', 'op=CREATE', 'again')).toBe(403);
  });

  it('answers where to send content without a redirect, when it is asked to', async () => {
    const answer = (await call('PUT', '/d/g', 'op=CREATE&noredirect=true')) as { Location: string };
    expect(answer.Location).toContain('data=true');
    expect((await fetch(answer.Location, { method: 'PUT', body: 'x' })).status).toBe(201);
    expect(await open('/d/g')).toBe('x');
  });

  it('shows files as HDFS does', async () => {
    expect(await call('GET', '/d/e/f', 'op=GETFILESTATUS')).toMatchObject({
      FileStatus: { type: 'FILE', length: 11, owner: 'root', permission: '644', pathSuffix: '' },
    });
    expect(await call('GET', '/d', 'op=LISTSTATUS')).toMatchObject({
      FileStatuses: {
        FileStatus: [
          { pathSuffix: 'e', type: 'DIRECTORY', childrenNum: 1 },
          { pathSuffix: 'g', type: 'FILE' },
        ],
      },
    });
    expect(await call('GET', '/d', 'op=LISTSTATUS_BATCH&startAfter=e')).toMatchObject({
      DirectoryListing: {
        partialListing: { FileStatuses: { FileStatus: [{ pathSuffix: 'g' }] } },
        remainingEntries: 0,
      },
    });
    expect(await call('GET', '/d', 'op=GETCONTENTSUMMARY')).toEqual({
      ContentSummary: {
        directoryCount: 2,
        fileCount: 2,
        length: 12,
        spaceConsumed: 12,
        quota: -1,
        spaceQuota: -1,
      },
    });
  });

  it('renames into a directory that is there, and says false where it cannot', async () => {
    await call('PUT', '/into', 'op=MKDIRS');
    expect(await call('PUT', '/d/g', 'op=RENAME&destination=/into')).toEqual({ boolean: true });
    expect(await open('/into/g')).toBe('x');
    expect(await call('PUT', '/nothing', 'op=RENAME&destination=/x')).toEqual({ boolean: false });
    expect(await call('PUT', '/into/g', 'op=RENAME&destination=/d/e/f')).toEqual({
      boolean: false,
    });
  });

  it('changes owners, modes, times, quotas, attributes and access lists', async () => {
    for (const query of [
      'op=SETPERMISSION&permission=640',
      'op=SETOWNER&owner=1000&group=1000',
      'op=SETTIMES&modificationtime=1700000000123&accesstime=-1',
      'op=SETXATTR&xattr.name=user.k&xattr.value=0x6869&flag=CREATE',
      'op=SETACL&aclspec=user::rw-,user:7:r--,group::---,mask::r--,other::---',
    ])
      expect(await call('PUT', '/d/e/f', query)).toBe(200);
    expect(await call('GET', '/d/e/f', 'op=GETFILESTATUS')).toMatchObject({
      FileStatus: { owner: '1000', group: '1000', modificationTime: 1_700_000_000_123 },
    });
    expect(await call('GET', '/d/e/f', 'op=GETXATTRS&encoding=text')).toEqual({
      XAttrs: [{ name: 'user.k', value: '"hi"' }],
    });
    expect(await call('GET', '/d/e/f', 'op=GETACLSTATUS')).toMatchObject({
      AclStatus: { entries: ['user:7:r--', 'group::---'], permission: '640' },
    });
    expect(await call('PUT', '/d', 'op=SETQUOTA&namespacequota=100')).toBe(200);
    expect(await call('GET', '/d', 'op=GETQUOTAUSAGE')).toMatchObject({
      QuotaUsage: { fileAndDirectoryCount: 3, quota: 100, spaceQuota: -1 },
    });
    expect(await call('PUT', '/d/e/f', 'op=TRUNCATE&newlength=2')).toEqual({ boolean: true });
    expect(await open('/d/e/f')).toBe('he');
  });

  it('tells problems as exceptions of Java', async () => {
    expect(await call('GET', '/nothing', 'op=GETFILESTATUS')).toMatchObject({
      RemoteException: { exception: 'FileNotFoundException' },
    });
    expect(await call('DELETE', '/d', 'op=DELETE')).toMatchObject({
      RemoteException: { exception: 'PathIsNotEmptyDirectoryException' },
    });
    expect(await call('GET', '/', 'op=FORMAT')).toMatchObject({
      RemoteException: { exception: 'IllegalArgumentException' },
    });
    expect(await call('GET', '/', 'op=CHECKACCESS&fsaction=rwx&doas=ann')).toMatchObject({
      RemoteException: { exception: 'IllegalArgumentException' },
    });
    expect(await call('GET', '/', 'op=CHECKACCESS&fsaction=-w-&doas=1000')).toMatchObject({
      RemoteException: { exception: 'AccessControlException' },
    });
    expect(await call('DELETE', '/d', 'op=DELETE&recursive=true')).toEqual({ boolean: true });
    expect(await call('DELETE', '/d', 'op=DELETE')).toEqual({ boolean: false });
  });
});
