import { resolve } from 'node:path';
import { ConfigError } from '../../apps/server/src/config/replica-config';
import { readOptions, sizeWarning } from '../../apps/server/src/supervisor/options';

describe('the flags of npm start', () => {
  it('leaves what is not given to the folder or the defaults', () => {
    expect(readOptions([])?.wanted).toEqual({
      folder: resolve('.lockstep'),
      replicas: undefined,
      witnesses: undefined,
      host: undefined,
      basePort: undefined,
      mode: undefined,
    });
  });

  it('takes port, folder, size, witnesses, mode and host', () => {
    const flags =
      '--port 9000 --data /tmp/g --replicas 5 --witnesses 2 --mode replicated --host ::1';
    expect(readOptions(flags.split(' '))?.wanted).toEqual({
      folder: '/tmp/g',
      replicas: 5,
      witnesses: 2,
      host: '::1',
      basePort: 9000,
      mode: 'replicated',
    });
  });

  it.each([
    ['--port 0', /--port/],
    ['--port 65535', /not enough ports/],
    ['--port 80.5', /--port/],
    ['--port', /--port/],
    ['--replicas 2', /take 1 or 3/],
    ['--replicas 0', /1 to 9/],
    ['--replicas 10', /1 to 9/],
    ['--replicas three', /1 to 9/],
    ['--witnesses 5', /0 to 4/],
    ['--witnesses one', /0 to 4/],
    ['--witnesses -1', /0 to 4/],
    ['--mode fast', /neither durable nor replicated/],
    ['--host 0.0.0.0', /loopback/],
    ['--host 192.168.1.5', /loopback/],
    ['--host example.org', /loopback/],
    ['--colour red', /--colour/],
    ['surplus', /arguments/],
  ])('refuses %s with one line that names it', (line, problem) => {
    const read = () => readOptions(line.split(' '));
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(problem);
    try {
      read();
    } catch (fault) {
      expect((fault as Error).message).not.toContain('\n');
    }
  });

  it('warns of sizes that promise more than they keep (decision 34)', () => {
    expect([1, 3, 4, 5, 6].map((size) => sizeWarning(size) !== undefined)).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
  });
});
