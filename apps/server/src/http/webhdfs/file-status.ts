import { textOf, type JsonObject } from '../../contract/json';
import { nameOfId } from './hdfs-request';

const TYPES: Readonly<Record<string, string>> = { dir: 'DIRECTORY', symlink: 'SYMLINK' };

/** Attributes as WebHDFS has them; what it has no type for is a file. (WebHDFS REST API, FileStatus JSON Schema) */
export function fileStatus(attributes: JsonObject, pathSuffix: string): JsonObject {
  const { type, size, mode } = attributes;
  const isDirectory = type === 'dir';
  return {
    accessTime: milliseconds(attributes['atimeNs']),
    blockSize: 0,
    childrenNum: isDirectory ? size : 0,
    fileId: Number(textOf(attributes['ino'])),
    group: nameOfId(attributes['gid']),
    length: isDirectory ? 0 : size,
    modificationTime: milliseconds(attributes['mtimeNs']),
    owner: nameOfId(attributes['uid']),
    pathSuffix,
    permission: (mode as number).toString(8),
    replication: isDirectory ? 0 : 1,
    storagePolicy: 0,
    type: TYPES[textOf(type)] ?? 'FILE',
  };
}

const milliseconds = (nanoseconds: unknown): number =>
  Number(BigInt(textOf(nanoseconds as string)) / 1_000_000n);

/** An entry of a listing. */
export function entryStatus(entry: JsonObject): JsonObject {
  const name = entry['name'] ?? entry['nameBase64'];
  return fileStatus(entry['attributes'] as JsonObject, textOf(name));
}
