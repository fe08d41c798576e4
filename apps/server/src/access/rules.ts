import type { AuthSettings, RuleSettings } from '../config/settings/auth-settings';
import { ConfigError } from '../config/replica-config';
import type { Grant, Part } from './grant';
import { NOBODY, type FileIdentity, type Principal } from './principal';
import type { Role } from './role';

/** Somebody as a token describes him, before the rules say what he may. */
export interface Described {
  readonly name: string;
  readonly groups: readonly string[];
  /** On the whole group. */
  readonly role?: Role | undefined;
  readonly files?: FileIdentity | undefined;
  readonly actFor?: boolean | undefined;
  readonly expiresAtMs?: number | undefined;
}

interface Rule {
  readonly principals: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly grant: Grant;
  readonly actFor: boolean;
}

/** What the configuration lets principals and groups do. */
export class Rules {
  private readonly rules: readonly Rule[];

  /** Throws `ConfigError` that names the rule. */
  constructor({ rules }: Pick<AuthSettings, 'rules'>) {
    this.rules = rules.map(ruleOf);
  }

  principal({ name, groups, role, files, actFor, expiresAtMs }: Described): Principal {
    const own: Grant[] = role === undefined ? [] : [{ role, on: undefined }];
    const applying = this.rules.filter(
      (rule) => rule.principals.has(name) || groups.some((group) => rule.groups.has(group)),
    );
    const isTrusted = actFor === true || applying.some((rule) => rule.actFor);
    return {
      name,
      grants: [...own, ...applying.map(({ grant }) => grant)],
      caller: isTrusted ? undefined : (files ?? NOBODY),
      expiresAtMs,
    };
  }
}

function ruleOf(rule: RuleSettings, place: number): Rule {
  const key = `auth.rules.${place}`;
  const { principals = [], groups = [], role, actFor = false } = rule;
  if (principals.length + groups.length === 0)
    throw new ConfigError(key, 'names nobody: give principals or groups');
  return {
    principals: new Set(principals),
    groups: new Set(groups),
    grant: { role, on: partOf(rule, key) },
    actFor,
  };
}

function partOf({ locks, volume, path }: RuleSettings, key: string): Part | undefined {
  if (locks !== undefined && (volume !== undefined || path !== undefined))
    throw new ConfigError(key, 'is about locks or about files, not both: make two rules');
  if (path !== undefined && volume === undefined)
    throw new ConfigError(`${key}.path`, 'needs a volume beside it');
  if (locks?.startsWith('@') === true)
    throw new ConfigError(`${key}.locks`, 'begins with @: elections have the rules of their names');
  if (locks !== undefined) return { kind: 'locks', prefix: locks };
  return volume === undefined
    ? undefined
    : { kind: 'files', volume, path: topOf(path ?? '/', key) };
}

/** From the root, without `.`, `..` and empty names: what the engine finds again by walking down. */
function topOf(path: string, key: string): string {
  const names = path.split('/').slice(1);
  const isPlain = path === '/' || names.every((name) => !['', '.', '..'].includes(name));
  if (!path.startsWith('/') || !isPlain)
    throw new ConfigError(`${key}.path`, 'must be like /a/b: from the root, without . and ..');
  return path;
}
