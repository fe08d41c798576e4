import type { ByteString } from '@lockstep/vr-core';
import type { Errno } from './errno';

/** Which rule turned an operation down, where the errno alone does not tell. Append to the list, never reorder it. */
export const RULES = [
  'owner-bits', // the caller owns it, and the owner's bits lack the permission
  'group-bits', // the caller is in its group, and the group's bits lack it
  'other-bits', // the caller is neither, and the others' bits lack it
  'acl-user', // an entry of the access list names the caller, and lacks the permission
  'acl-group', // entries name groups of the caller, and none of them has the permission
  'acl-mask', // the entry has the permission, and the mask of the access list takes it away
  'sticky', // in a sticky directory, only the owner of the entry or of the directory removes it
  'not-owner', // only the owner, or root
  'not-root', // only root
  'not-member', // the owner may give it only to a group of his
  'immutable', // the flag forbids every change
  'append-only', // the flag allows nothing but growth
  'no-unlink', // the flag forbids to take the name away
  'quota-inodes', // a directory above may not hold more names
  'quota-bytes', // a directory above may not hold more bytes
  'volume-inodes', // the volume may not hold more inodes
  'volume-bytes', // the volume may not hold more bytes
  'read-only', // the volume is read-only
  'no-volume', // there is no volume of that name
  'no-session', // it lives as long as a session, and the request names none
  'not-open', // the session has no handle of that number
  'not-for-reading', // the handle was not opened for it
  'not-for-writing',
  'detached', // the inode is in no directory any more
  'held', // another owner has a lock on it that forbids this one
  'history', // the state of that op is not kept any more
  'no-snapshot', // there is no snapshot of that name
  'no-trash', // nothing of that name is in the trash
  'limit', // more than one operation may do, or one inode may have
  'wrong-type', // an inode of its type may not have it
  'access-list', // for access lists there are setacl and getacl
  'ephemeral', // what goes with a session has one name
  'session-expired', // the session has ended
  'not-your-session', // another principal has opened it
  'outside', // the caller is confined to other paths
] as const;

export type Rule = (typeof RULES)[number];

/** An operation turned down, as a value: what is expected is returned, not thrown. */
export class Refusal {
  readonly code: Errno;
  /** The part of the path at fault, where one part is. */
  readonly component: ByteString | undefined;
  readonly rule: Rule | undefined;

  constructor(code: Errno, component?: ByteString, rule?: Rule) {
    this.code = code;
    this.component = component;
    this.rule = rule;
  }
}

export const NO_VOLUME = new Refusal('ENOENT', undefined, 'no-volume');
