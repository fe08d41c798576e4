import type { ByteString } from '@lockstep/vr-core';
import type { Errno } from './errno';

/** Which rule turned an operation down, where the errno alone does not tell. Append to the list, never reorder it. */
export const RULES = [
  'owner-bits', // the caller owns it, and the owner's bits lack the permission
  'group-bits', // the caller is in its group, and the group's bits lack it
  'other-bits', // the caller is neither, and the others' bits lack it
  'sticky', // in a sticky directory, only the owner of the entry or of the directory removes it
  'not-owner', // only the owner, or root
  'not-root', // only root
  'not-member', // the owner may give it only to a group of his
  'no-volume', // there is no volume of that name
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
