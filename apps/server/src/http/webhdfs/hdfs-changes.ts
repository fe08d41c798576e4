import type { JsonObject } from '../../contract/json';
import { malformed } from '../../contract/problem';
import { readAclSpec } from './acl-spec';
import type { HdfsRequest } from './hdfs-request';

/** One operation of the file service, and what WebHDFS answers once it is done. */
export interface HdfsChange {
  readonly op: JsonObject;
  readonly answer?: JsonObject;
  /** Codes that HDFS tells as `{boolean: false}`. */
  readonly falseOn?: readonly string[];
}

const TRUE = { boolean: true };
const DIRECTORY_MODE = 0o755;
const NANOS_IN_A_MILLISECOND = '000000';

/** PUT, POST and DELETE operations without content. (WebHDFS REST API) */
export const CHANGES: Readonly<Record<string, (request: HdfsRequest) => HdfsChange>> = {
  MKDIRS: (request) => ({
    op: {
      kind: 'mkdir',
      ...request.path,
      parents: true,
      mode: request.permission('permission', DIRECTORY_MODE),
    },
    answer: TRUE,
  }),
  RENAME: (request) => ({
    op: rename(request),
    answer: TRUE,
    falseOn: ['ENOENT', 'EEXIST', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY', 'EINVAL', 'EBUSY'],
  }),
  DELETE: (request) => ({
    op: { kind: 'remove', ...request.path, recursive: request.flag('recursive') },
    answer: TRUE,
    falseOn: ['ENOENT'],
  }),
  SETPERMISSION: (request) => ({
    op: { kind: 'chmod', ...request.path, mode: request.permission('permission', DIRECTORY_MODE) },
  }),
  SETOWNER: (request) => ({
    op: {
      kind: 'chown',
      ...request.path,
      uid: request.id('owner') ?? -1,
      gid: request.id('group') ?? -1,
    },
  }),
  SETTIMES: (request) => ({
    op: {
      kind: 'utimens',
      ...request.path,
      mtime: timeOf(request.number('modificationtime')),
      atime: timeOf(request.number('accesstime')),
    },
  }),
  CREATESYMLINK: (request) => ({
    op: { kind: 'symlink', ...request.path, target: request.required('destination') },
  }),
  SETQUOTA: (request) => ({
    op: {
      kind: 'setquota',
      ...request.path,
      inodes: Math.max(0, request.number('namespacequota') ?? 0),
      bytes: Math.max(0, request.number('storagespacequota') ?? 0),
    },
  }),
  SETXATTR: (request) => ({
    op: {
      kind: 'setxattr',
      ...request.path,
      name: request.required('xattr.name'),
      ...decoded(request.text('xattr.value') ?? ''),
      ...flagsOf(request.text('flag')),
    },
  }),
  REMOVEXATTR: (request) => ({
    op: { kind: 'removexattr', ...request.path, name: request.required('xattr.name') },
  }),
  SETACL: (request) => ({
    op: {
      kind: 'setacl',
      ...request.path,
      ...readAclSpec(request.required('aclspec'), 'aclspec'),
    },
  }),
  REMOVEACL: (request) => ({ op: { kind: 'setacl', ...request.path, access: [], default: [] } }),
  REMOVEDEFAULTACL: (request) => ({ op: { kind: 'setacl', ...request.path, default: [] } }),
  TRUNCATE: (request) => ({
    op: { kind: 'truncate', ...request.path, size: request.number('newlength') },
    answer: TRUE,
  }),
  CONCAT: (request) => ({
    op: {
      kind: 'concat',
      ...endOf('to', request.path),
      from: request.required('sources').split(','),
    },
  }),
  CREATESNAPSHOT: (request) => ({
    op: { kind: 'snapshot', name: request.required('snapshotname') },
    answer: { Path: `/.snapshot/${request.required('snapshotname')}` },
  }),
  DELETESNAPSHOT: (request) => ({
    op: { kind: 'removesnapshot', name: request.required('snapshotname') },
  }),
  RENAMESNAPSHOT: (request) => ({
    op: {
      kind: 'renamesnapshot',
      from: request.required('oldsnapshotname'),
      to: request.required('snapshotname'),
    },
  }),
};

/** Into a directory that is there, or to a name that is free. */
function rename(request: HdfsRequest): JsonObject {
  const destination = request.required('destination').replace(/(.)\/+$/, '$1');
  const from = endOf('from', request.path);
  const inside = `${destination === '/' ? '' : destination}/${request.baseName}`;
  const flags = ['noreplace'];
  return {
    kind: 'txn',
    if: [{ path: `${destination === '/' ? '' : destination}/`, exists: true }],
    then: [{ kind: 'rename', ...from, to: inside, flags }],
    else: [{ kind: 'rename', ...from, to: destination, flags }],
  };
}

/** A path as one end of an operation. */
const endOf = (end: string, { path, pathBase64 }: JsonObject): JsonObject =>
  path === undefined ? { [`${end}Base64`]: pathBase64 } : { [end]: path };

/** Milliseconds; -1, and what is left out, stays. */
const timeOf = (ms: number | undefined): string =>
  ms === undefined || ms < 0 ? 'omit' : ms === 0 ? '0' : `${ms}${NANOS_IN_A_MILLISECOND}`;

/** As `encoded` of the reads, or plain text. */
function decoded(value: string): JsonObject {
  if (/^0s/i.test(value)) return { valueBase64: value.slice(2) };
  if (/^0x/i.test(value))
    return { valueBase64: Buffer.from(value.slice(2), 'hex').toString('base64') };
  return { value: value.replace(/^"([^]*)"$/, '$1') };
}

function flagsOf(flag: string | undefined): JsonObject {
  switch (flag?.toUpperCase()) {
    case undefined:
    case 'CREATE,REPLACE':
      return {};
    case 'CREATE':
      return { flags: ['create'] };
    case 'REPLACE':
      return { flags: ['replace'] };
    default:
      throw malformed('flag', 'must be CREATE, REPLACE or both');
  }
}
