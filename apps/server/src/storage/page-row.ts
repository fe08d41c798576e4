import { crc32 } from 'node:zlib';
import type { StoredPage } from '@lockstep/vr-core';
import type { FoundRow } from './found-row';

/** One version of one page. Ids rise with time, so of two versions the one with the higher id is the newer. */
export interface PageRow {
  readonly id: number;
  /** `owner/name` */
  readonly tableName: string;
  readonly page: number;
  /** The op of the checkpoint that it was written for. */
  readonly op: number;
  /** 1: it came from the group; 0: it is this replica's own. */
  readonly isTransfer: 0 | 1;
  /** Null: the page is gone. */
  readonly bytes: Uint8Array | null;
  /** CRC-32 of all of the above. Whether the pages make one state is told by the checkpoint's root. */
  readonly checksum: number;
}

export const PAGE_FORMAT_VERSION = 1;

export function pageRow(id: number, op: number, isTransfer: boolean, page: StoredPage): PageRow {
  const row = {
    id,
    tableName: page.table,
    page: page.page,
    op,
    isTransfer: isTransfer ? 1 : 0,
    bytes: page.bytes ?? null,
  } as const;
  return { ...row, checksum: checksumOfPage(row) };
}

/** The row, or undefined when any bit of it has changed. SQLite keeps any type in any column. */
export function checkedPageRow(found: FoundRow): PageRow | undefined {
  const { id, tableName, page, op, isTransfer, bytes, checksum } = found;
  if (!isCounter(id) || !isCounter(page) || !isCounter(op)) return undefined;
  if (typeof tableName !== 'string' || (isTransfer !== 0 && isTransfer !== 1)) return undefined;
  if (bytes !== null && !Buffer.isBuffer(bytes)) return undefined;
  const row = { id, tableName, page, op, isTransfer, bytes } as const;
  return checksum === checksumOfPage(row) ? { ...row, checksum } : undefined;
}

function checksumOfPage({ id, tableName, page, op, isTransfer, bytes }: Omit<PageRow, 'checksum'>) {
  const length = bytes === null ? 'gone' : bytes.length;
  const head = Buffer.from(`${id} ${page} ${op} ${isTransfer} ${length} ${tableName}`);
  return bytes === null ? crc32(head) : crc32(bytes, crc32(head));
}

function isCounter(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
