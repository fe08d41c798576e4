/** What a principal may do, each including those before it. (api: conventions, auth) */
export const ROLES = ['reader', 'client', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const includes = (held: Role, needed: Role): boolean =>
  ROLES.indexOf(held) >= ROLES.indexOf(needed);
