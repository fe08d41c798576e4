import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../replica-config';
import { loadSettings, readSettings } from './load-settings';

const FILE = 'lockstep.yaml';

describe('the configuration file', () => {
  it('says what it says, and the defaults say the rest', () => {
    const settings = readSettings('data: /var/lib/one\nlisten: { port: 7400 }\n', FILE);
    expect(settings).toMatchObject({ data: '/var/lib/one', listen: { port: 7400 }, log: {} });
    expect(readSettings('', FILE)).toEqual(readSettings('{}', FILE));
  });

  it.each([
    ['colour: red', 'lockstep.yaml: colour: is not a known key'],
    ['listen: { colour: red }', 'lockstep.yaml: listen.colour: is not a known key'],
    ['listen: { port: 70000 }', 'lockstep.yaml: listen.port: must not be greater than 65535'],
    ['listen: 7400', 'lockstep.yaml: listen: must be an object'],
    ['log: { level: loud }', 'lockstep.yaml: log.level: must be one of the following values'],
    ['log: { level: info, level: warn }', 'lockstep.yaml: Map keys must be unique'],
    ['- listen', 'lockstep.yaml: is not a list of keys'],
    ['listen: [', 'lockstep.yaml: Flow sequence'],
    ['a: &a [1]\nb: [*a]', 'lockstep.yaml: '],
  ])('refuses %j and names the key', (text, problem) => {
    const read = () => readSettings(text, FILE);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(problem);
  });

  it('is a file, or a variable in its place, and not both', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-settings-'));
    const file = join(folder, FILE);
    await writeFile(file, 'log: { level: warn }');
    expect((await loadSettings({ file })).log.level).toBe('warn');
    expect((await loadSettings({ inline: '{log: {level: error}}' })).log.level).toBe('error');
    await expect(loadSettings({ file, inline: '{}' })).rejects.toThrow('LOCKSTEP_SETTINGS');
    await expect(loadSettings({ file: `${file}.not` })).rejects.toThrow('cannot be read');
    await rm(folder, { recursive: true });
  });
});
