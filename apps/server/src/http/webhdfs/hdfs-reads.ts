import { textOf, type JsonObject } from '../../contract/json';
import { malformed, Problem } from '../../contract/problem';
import { showAcl, type AclEntry } from './acl-spec';
import { entryStatus, fileStatus } from './file-status';
import { nameOfId, type HdfsRequest } from './hdfs-request';

/** Asks one thing of the file service, as whoever the request says. */
export type Ask = (query: JsonObject) => Promise<JsonObject>;

type Read = (request: HdfsRequest, ask: Ask) => Promise<JsonObject>;

const PAGE = 1_000;

/** GET operations that are answered in JSON. (WebHDFS REST API) */
export const READS: Readonly<Record<string, Read>> = {
  GETFILESTATUS: async ({ path }, ask) => ({
    FileStatus: fileStatus(await ask({ kind: 'stat', ...path }), ''),
  }),
  LISTSTATUS: async (request, ask) => ({
    FileStatuses: { FileStatus: await allEntries(request, ask) },
  }),
  LISTSTATUS_BATCH: async (request, ask) => {
    const after = request.text('startafter');
    const page = await listing(request, ask, after);
    const entries = page['entries'] as readonly JsonObject[];
    return {
      DirectoryListing: {
        partialListing: { FileStatuses: { FileStatus: entries.map(entryStatus) } },
        remainingEntries: page['next'] === undefined ? 0 : 1,
      },
    };
  },
  GETCONTENTSUMMARY: async ({ path }, ask) => {
    const usage = await ask({ kind: 'summary', ...path });
    const { type } = await ask({ kind: 'stat', ...path });
    const quota = type === 'dir' ? await quotaOf(path, ask) : { inodes: -1, bytes: -1 };
    return {
      ContentSummary: {
        // HDFS counts the directory itself.
        directoryCount: Number(usage['directories']) + (type === 'dir' ? 1 : 0),
        fileCount: usage['files'],
        length: usage['bytes'],
        spaceConsumed: usage['bytes'],
        quota: quota.inodes,
        spaceQuota: quota.bytes,
      },
    };
  },
  GETQUOTAUSAGE: async ({ path }, ask) => {
    const { usage, inodes, bytes } = await quotaOf(path, ask);
    return {
      QuotaUsage: {
        fileAndDirectoryCount: usage.files + usage.directories + 1,
        quota: inodes,
        spaceConsumed: usage.bytes,
        spaceQuota: bytes,
        typeQuota: {},
      },
    };
  },
  GETHOMEDIRECTORY: (request) =>
    Promise.resolve({ Path: `/user/${nameOfId(request.caller['uid'])}` }),
  GETTRASHROOT: (request) =>
    Promise.resolve({ Path: `/user/${nameOfId(request.caller['uid'])}/.Trash` }),
  CHECKACCESS: async (request, ask) => {
    await ask({ kind: 'access', ...request.path, mode: actionOf(request.required('fsaction')) });
    return {};
  },
  GETACLSTATUS: async ({ path }, ask) => {
    const attributes = await ask({ kind: 'stat', ...path });
    const lists = await ask({ kind: 'getacl', ...path });
    const access = lists['access'] as unknown as readonly AclEntry[];
    const inherited = lists['default'] as unknown as readonly AclEntry[];
    const mode = attributes['mode'] as number;
    return {
      AclStatus: {
        entries: [...(access.length > 3 ? showAcl(access) : []), ...showAcl(inherited, 'default:')],
        group: nameOfId(attributes['gid']),
        owner: nameOfId(attributes['uid']),
        permission: (mode & 0o777).toString(8),
        stickyBit: (mode & 0o1000) !== 0,
      },
    };
  },
  LISTXATTRS: async ({ path }, ask) => {
    const { names } = await ask({ kind: 'listxattr', ...path });
    return { XAttrNames: JSON.stringify(names) };
  },
  GETXATTRS: async (request, ask) => {
    const { path } = request;
    const asked = request.text('xattr.name');
    const names =
      asked === undefined
        ? ((await ask({ kind: 'listxattr', ...path }))['names'] as readonly string[])
        : [asked];
    const attributes: JsonObject[] = [];
    for (const name of names) {
      const found = await ask({ kind: 'getxattr', ...path, name });
      attributes.push({ name, value: encoded(textOf(found['valueBase64']), request) });
    }
    return { XAttrs: attributes };
  },
};

interface QuotaBody {
  readonly inodes: number;
  readonly bytes: number;
  readonly usage: { readonly files: number; readonly directories: number; readonly bytes: number };
}

/** No limit is -1 in HDFS. */
async function quotaOf(path: JsonObject, ask: Ask): Promise<QuotaBody> {
  const quota = (await ask({ kind: 'getquota', ...path })) as unknown as QuotaBody;
  const limit = (most: number): number => (most === 0 ? -1 : most);
  return { usage: quota.usage, inodes: limit(quota.inodes), bytes: limit(quota.bytes) };
}

async function allEntries(request: HdfsRequest, ask: Ask): Promise<JsonObject[]> {
  const attributes = await ask({ kind: 'stat', ...request.path });
  // Of a file its own status, as HDFS does.
  if (attributes['type'] !== 'dir') return [fileStatus(attributes, '')];
  const all: JsonObject[] = [];
  for (let after: string | undefined; ;) {
    const page = await listing(request, ask, after);
    all.push(...(page['entries'] as readonly JsonObject[]).map(entryStatus));
    if (page['next'] === undefined) return all;
    after = textOf(page['next']);
  }
}

const listing = ({ path }: HdfsRequest, ask: Ask, after: string | undefined): Promise<JsonObject> =>
  ask({ kind: 'readdir', ...path, plus: true, limit: PAGE, ...(after !== undefined && { after }) });

const ACTION = /^[r-][w-][x-]$/;

function actionOf(action: string): number {
  if (!ACTION.test(action)) throw malformed('fsaction', 'must be like r-x');
  const bit = (letter: string, value: number): number => (action.includes(letter) ? value : 0);
  return bit('r', 4) + bit('w', 2) + bit('x', 1);
}

/** In quotes as text, after 0x in hexadecimal, after 0s in base64. */
function encoded(base64: string, request: HdfsRequest): string {
  const bytes = Buffer.from(base64, 'base64');
  switch (request.text('encoding')?.toUpperCase() ?? 'TEXT') {
    case 'TEXT':
      return `"${bytes.toString('utf8')}"`;
    case 'HEX':
      return `0x${bytes.toString('hex')}`;
    case 'BASE64':
      return `0s${base64}`;
    default:
      throw new Problem('malformed', 'encoding must be text, hex or base64.', {
        field: 'encoding',
      });
  }
}
