import type { Rule } from '@lockstep/state-machines';

/** Why an operation was refused, in a sentence for people. (files.md N11) */
export const RULES_IN_WORDS: Readonly<Record<Rule, string>> = {
  'owner-bits': 'The caller owns it, and the mode does not give the owner this permission.',
  'group-bits': 'The caller is in its group, and the mode does not give the group this permission.',
  'other-bits':
    'The caller is neither its owner nor in its group, and the mode gives others no such permission.',
  'acl-user': 'An entry of its access list names the caller, and does not give this permission.',
  'acl-group':
    'Entries of its access list name groups of the caller, and none gives this permission.',
  'acl-mask': 'An entry of its access list gives the permission, and the mask takes it away.',
  sticky:
    'The directory is sticky: only the owner of the entry or of the directory, or root, takes it away.',
  'not-owner': 'Only its owner, or root, may do that.',
  'not-root': 'Only root may do that.',
  'not-member': 'The owner may give it only to a group that he is in.',
  immutable: 'The flag immutable forbids every change.',
  'append-only': 'The flag append-only allows nothing but growth.',
  'no-unlink': 'The flag nounlink forbids to take the name away.',
  'quota-inodes': 'A quota of a directory above would be exceeded: it may hold no more names.',
  'quota-bytes': 'A quota of a directory above would be exceeded: it may hold no more bytes.',
  'volume-inodes': 'The volume may hold no more inodes.',
  'volume-bytes': 'The volume may hold no more bytes.',
  'read-only': 'The volume is read-only.',
  'no-volume': 'There is no volume of that name.',
  'no-session': 'It lives as long as a session: name one in the request.',
  'not-open': 'The session of the request has no handle of that number.',
  'not-for-reading': 'The handle was not opened for reading.',
  'not-for-writing': 'The handle was not opened for writing.',
  detached: 'It is in no directory any more.',
  held: 'Another owner has locked it.',
  history: 'The state of that op is not kept, or cannot be asked this.',
  'no-snapshot': 'There is no snapshot of that name.',
  'no-trash': 'Nothing of that name is in the trash.',
  outside: 'The caller is confined to other paths of the volume.',
  'wrong-type': 'Nothing of that type may have it.',
  'access-list': 'Access lists have operations of their own: setacl and getacl.',
  ephemeral: 'It goes with a session, and has one name until then.',
  limit: 'It is more than one operation may do, or one inode may have.',
  'session-expired': 'The session has ended.',
  'not-your-session': 'Another principal has opened the session.',
};
