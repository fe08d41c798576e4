import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { parseDocument } from 'yaml';
import { reasonOf } from '../../storage/fault';
import { ConfigError } from '../replica-config';
import { Settings } from './settings';

/** Longer than any list of tokens and rules that one would write. */
const FILE_CHARACTERS_MAX = 1 << 20;

interface Source {
  /** A YAML file. */
  readonly file?: string | undefined;
  /** The YAML itself, for surroundings in which a variable is easier to give than a file. */
  readonly inline?: string | undefined;
}

/** The settings as given, checked; their defaults when nothing is given. Throws `ConfigError` that names the key. */
export async function loadSettings({ file, inline }: Source): Promise<Settings> {
  if (file !== undefined && inline !== undefined)
    throw new ConfigError('LOCKSTEP_SETTINGS', 'must not be given together with --config');
  if (file !== undefined) return readSettings(await textOf(file), file);
  return readSettings(inline ?? '', 'LOCKSTEP_SETTINGS');
}

/** `name` is what the text is called in errors. */
export function readSettings(text: string, name: string): Settings {
  if (text.length > FILE_CHARACTERS_MAX)
    throw new ConfigError(name, `is longer than ${FILE_CHARACTERS_MAX} characters`);
  const document = parseDocument(text, { maxAliasCount: 0, uniqueKeys: true } as object);
  const [fault] = document.errors;
  if (fault !== undefined) throw new ConfigError(name, firstLine(fault.message));
  const plain = valueOf(() => document.toJS({ maxAliasCount: 0 }) as unknown, name) ?? {};
  if (typeof plain !== 'object' || Array.isArray(plain))
    throw new ConfigError(name, 'is not a list of keys with their values');
  const settings = plainToInstance(Settings, plain, { exposeDefaultValues: true });
  const [error] = validateSync(settings, CHECKED);
  if (error !== undefined) throw problemIn(error, error.property, name);
  return settings;
}

const CHECKED = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  stopAtFirstError: true,
  validationError: { target: false, value: false },
} as const;

function problemIn(error: ValidationError, key: string, name: string): ConfigError {
  const [inner] = error.children ?? [];
  if (inner !== undefined) return problemIn(inner, `${key}.${inner.property}`, name);
  const [[kind, message] = ['', 'cannot be read']] = Object.entries(error.constraints ?? {});
  const problem =
    kind === 'whitelistValidation'
      ? 'is not a known key'
      : message.replace(`${error.property} `, '');
  return new ConfigError(`${name}: ${key}`, problem);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (fault) {
    throw new ConfigError('--config', `${file} cannot be read: ${reasonOf(fault)}`);
  }
}

function valueOf(read: () => unknown, name: string): unknown {
  try {
    return read();
  } catch (fault) {
    throw new ConfigError(name, firstLine(reasonOf(fault)));
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
