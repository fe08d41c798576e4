import { textFor, type Source } from './field-values';
import type { FuzzRequest } from './fuzz-request';
import { encodedText } from './api-requests';
import { strangeText } from './strange-values';

const OPERATIONS = {
  GET: [
    'OPEN',
    'GETFILESTATUS',
    'LISTSTATUS',
    'LISTSTATUS_BATCH',
    'GETCONTENTSUMMARY',
    'GETQUOTAUSAGE',
    'GETHOMEDIRECTORY',
    'GETTRASHROOT',
    'CHECKACCESS',
    'GETACLSTATUS',
    'LISTXATTRS',
    'GETXATTRS',
    'GETFILECHECKSUM',
  ],
  PUT: [
    'CREATE',
    'MKDIRS',
    'RENAME',
    'SETPERMISSION',
    'SETOWNER',
    'SETTIMES',
    'CREATESYMLINK',
    'SETQUOTA',
    'SETXATTR',
    'REMOVEXATTR',
    'SETACL',
    'REMOVEACL',
    'REMOVEDEFAULTACL',
    'CREATESNAPSHOT',
    'RENAMESNAPSHOT',
    'ALLOWSNAPSHOT',
  ],
  POST: ['APPEND', 'TRUNCATE', 'CONCAT'],
  DELETE: ['DELETE', 'DELETESNAPSHOT'],
} as const;

const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  offset: ['0', '1', '-1', '1e3', '0x10', ' '],
  length: ['0', '10', '99999999999', '-1'],
  data: ['true', 'true', 'true', 'false', 'maybe'],
  noredirect: ['true', 'false'],
  overwrite: ['true', 'false'],
  recursive: ['true', 'false'],
  permission: ['755', '0', '7777', '8', '1777777', 'rwx'],
  destination: ['/d/x', '/f', 'relative', '', '/', '/d/../x'],
  sources: ['/d/f', '/d/f,/f', ','],
  owner: ['root', '1000', 'nobody', '4294967295'],
  group: ['root', '10', '-1'],
  modificationtime: ['0', '-1', '1700000000000', '9007199254740991', '99999999999999999999'],
  accesstime: ['0', '-1'],
  createparent: ['true', 'false'],
  fsaction: ['rwx', 'r--', 'rwz', ''],
  aclspec: [
    'user::rwx,group::r-x,other::---',
    'user:1000:rw-',
    ':::',
    'default:user::rwx',
    'mask::rwx',
  ],
  'xattr.name': ['user.a', 'trusted.b', 'nodot', ''],
  'xattr.value': ['0x00ff', '"text"', '0sAA==', '0sA', ''],
  encoding: ['text', 'hex', 'base64', 'x'],
  flag: ['CREATE', 'REPLACE', 'CREATE,REPLACE'],
  snapshotname: ['s1', '', 'a/b'],
  oldsnapshotname: ['s1', 's2'],
  newlength: ['0', '10', '-1', '99999999999'],
  namespacequota: ['1', '-1', '9223372036854775807'],
  storagespacequota: ['1', '0'],
  startafter: ['f', ''],
  'user.name': ['root', '1000', 'nobody', '4294967295'],
  doas: ['0', 'x'],
};

/** A request to the door that speaks WebHDFS, which is in no document of ours. */
export function webHdfsRequest(source: Source): FuzzRequest {
  const { chance, strangeness } = source;
  const method = chance.pick(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[]);
  const op = chance.happens(strangeness) ? strangeText(chance) : chance.pick(OPERATIONS[method]);
  const names = Object.keys(PARAMETERS).filter(() => chance.happens(0.25));
  const parts = names.map((name) => [
    name,
    chance.happens(strangeness) ? strangeText(chance) : chance.pick(PARAMETERS[name] ?? ['']),
  ]);
  const query = [['op', op], ...parts].map(
    ([name = '', value = '']) => `${encodedText(name)}=${encodedText(value)}`,
  );
  const path = textFor('path', source).split('/').slice(1).map(encodedText).join('/');
  return {
    family: 'webhdfs',
    method,
    target: `/webhdfs/v1/${path}?${query.join('&')}`,
    headers: chance.happens(0.3) ? [['Content-Type', 'application/octet-stream']] : [],
    body:
      method === 'GET' ? undefined : Buffer.from(chance.pick(['', 'hello', 'x'.repeat(70_000)])),
  };
}
