import { ConfigError, type ReplicaConfig } from '../config/replica-config';
import { isLoopback } from '../config/loopback';
import type { AuthSettings, TokenSettings } from '../config/settings/auth-settings';
import type { Logger } from '../observability/logger';
import type { Metrics } from '../observability/metrics';
import { NO_AUTHENTICATION, type Authenticator } from './authenticator';
import { JWT_PREFIX } from './jwt/claims';
import { JwtVerifier } from './jwt/jwt-verifier';
import { KeySet } from './jwt/key-set';
import { LOCAL } from './principal';
import { ReplicaCredentials } from './replica-credential';
import { Rules } from './rules';
import { TokenAuthenticator } from './token-authenticator';
import { StaticTokens, type TokenEntry } from './tokens/static-tokens';
import { TokenFile } from './tokens/token-file';

/** As the configuration has it; without a section `auth` everybody is `local`. Rejects with `ConfigError`. */
export async function openAuthenticator(
  { settings: { auth }, secret }: Pick<ReplicaConfig, 'settings' | 'secret'>,
  logger: Logger,
  metrics: Pick<Metrics, 'doors'>,
): Promise<Authenticator> {
  if (auth === undefined) return NO_AUTHENTICATION;
  const rules = new Rules(auth);
  const tokens = new StaticTokens(entriesOf(auth, rules), logger);
  await tokens.start();
  return new TokenAuthenticator({
    tokens,
    jwt: await verifierOf(auth, rules, logger),
    replicas: new ReplicaCredentials(secret),
    onRefused: (reason, from) => {
      metrics.doors.onUnauthenticated(reason);
      logger.debug({ reason, from }, 'a request without a good token');
    },
  });
}

async function verifierOf(
  { jwt }: AuthSettings,
  rules: Rules,
  logger: Logger,
): Promise<JwtVerifier | undefined> {
  if (jwt === undefined) return undefined;
  const { jwks } = jwt;
  if (/^http:/.test(jwks) && !isLoopback(new URL(jwks).hostname.replace(/^\[|\]$/g, '')))
    throw new ConfigError('auth.jwt.jwks', 'must be https, or anybody on the way issues tokens');
  const keys = new KeySet(jwks, logger);
  await keys.current();
  return new JwtVerifier(jwt, keys, rules);
}

function entriesOf({ tokens }: AuthSettings, rules: Rules): TokenEntry[] {
  const hashes = new Set<string>();
  return tokens.map((token, place) => {
    const key = `auth.tokens.${place}`;
    expectOwnName(token.name, key);
    if (token.sha256 !== undefined && hashes.has(token.sha256))
      throw new ConfigError(`${key}.sha256`, 'is that of another entry: a token is one principal');
    if (token.sha256 !== undefined) hashes.add(token.sha256);
    return { principal: principalOf(token, rules), source: sourceOf(token, key) };
  });
}

/** Names that are given otherwise are nobody's token. */
function expectOwnName(name: string, key: string): void {
  const isTaken = name === LOCAL.name || name.startsWith(JWT_PREFIX) || name.startsWith('replica:');
  if (isTaken || Buffer.byteLength(name) > 256 || /\p{Cc}/u.test(name))
    throw new ConfigError(
      `${key}.name`,
      `must have at most 256 bytes, and be neither ${LOCAL.name} nor begin with ${JWT_PREFIX} or replica:`,
    );
}

function principalOf({ name, groups = [], role, uid, gids, actFor }: TokenSettings, rules: Rules) {
  const files = uid === undefined ? undefined : { uid, gids: gids ?? [uid] };
  return rules.principal({ name, groups, role, files, actFor });
}

function sourceOf({ sha256, file }: TokenSettings, key: string): Buffer | TokenFile {
  if ((sha256 === undefined) === (file === undefined))
    throw new ConfigError(key, 'needs one of sha256 and file');
  return file === undefined ? Buffer.from(sha256 ?? '', 'hex') : new TokenFile(file);
}
