import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';
import { ROLES, type Role } from '../../access/role';
import { OptionalSection, SectionList } from './section';

const NAME_LENGTH_MAX = 256;
const ENTRIES_MAX = 10_000;
/** 2^32 - 1 is no id. (POSIX, chown(2)) */
const ID_MAX = 2 ** 32 - 2;
const GIDS_MAX = 64;

const IsName = (): PropertyDecorator => Length(1, NAME_LENGTH_MAX);

/** A token that is the same until somebody changes it. */
export class TokenSettings {
  /** Of the principal. */
  @IsString()
  @IsName()
  name!: string;

  /** Of the token, in hexadecimal: `lockstep token` prints both. */
  @IsOptional()
  @Matches(/^[0-9a-f]{64}$/, { message: 'must be a SHA-256 in 64 small hexadecimal digits' })
  sha256?: string;

  /** In its place a file that holds the token itself; read again when it changes. */
  @IsOptional()
  @IsString()
  @Length(1, 4_096)
  file?: string;

  /** On the whole group; rules may add more. */
  @IsOptional()
  @IsIn(ROLES)
  role?: Role;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(ENTRIES_MAX)
  @IsString({ each: true })
  groups?: string[];

  /** Who he is among files; `nobody`, 65534, without it. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(ID_MAX)
  uid?: number;

  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(GIDS_MAX)
  @IsInt({ each: true })
  @Min(0, { each: true })
  @Max(ID_MAX, { each: true })
  gids?: number[];

  /** He says himself who acts on files, as a gateway does for its users: root too. */
  @IsOptional()
  @IsBoolean()
  actFor?: boolean;
}

/** In which claims of a JWT things stand. */
export class ClaimSettings {
  @IsString()
  @IsName()
  principal = 'sub';

  @IsString()
  @IsName()
  groups = 'groups';

  /** None: every bearer is `nobody` among files. */
  @IsOptional()
  @IsString()
  @IsName()
  uid?: string;

  @IsOptional()
  @IsString()
  @IsName()
  gids?: string;
}

/** Tokens that somebody else has issued. (RFC 7519) */
export class JwtSettings {
  @IsString()
  @Length(1, 2_048)
  issuer!: string;

  /** What this group is called there. */
  @IsString()
  @Length(1, 2_048)
  audience!: string;

  /** `https://...`, or a file. (RFC 7517) */
  @IsString()
  @Length(1, 4_096)
  jwks!: string;

  @OptionalSection(() => ClaimSettings)
  claims: ClaimSettings = new ClaimSettings();

  /** By how many seconds the clocks of issuer and group may differ. */
  @IsInt()
  @Min(0)
  @Max(300)
  clockSkewS = 30;
}

/** What principals and groups may do, beside the roles of tokens. */
export class RuleSettings {
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(ENTRIES_MAX)
  @IsString({ each: true })
  principals?: string[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(ENTRIES_MAX)
  @IsString({ each: true })
  groups?: string[];

  @IsIn(ROLES)
  role!: Role;

  /** On locks whose names begin so: end it with `/`, or `a` covers `apple`. */
  @IsOptional()
  @IsString()
  @Length(0, 512)
  locks?: string;

  /** On files of this volume. */
  @IsOptional()
  @IsString()
  @Length(1, 255)
  volume?: string;

  /** At or under this path of the volume. */
  @IsOptional()
  @IsString()
  @Length(1, 4_096)
  path?: string;

  /** He says himself who acts on files. */
  @IsOptional()
  @IsBoolean()
  actFor?: boolean;
}

/** Who may ask, and what. Without this section everybody who reaches the port may do everything: loopback only. */
export class AuthSettings {
  @SectionList(() => TokenSettings, ENTRIES_MAX)
  tokens: TokenSettings[] = [];

  @OptionalSection(() => JwtSettings)
  jwt?: JwtSettings;

  @SectionList(() => RuleSettings, ENTRIES_MAX)
  rules: RuleSettings[] = [];

  /** Serves other addresses than loopback without TLS: tokens can be read on the way. */
  @IsBoolean()
  insecureTransport = false;
}
