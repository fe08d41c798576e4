import { redacted } from './redacted';

describe('what is shown of settings', () => {
  it('has no secret, wherever it stands, and all else as it is', () => {
    const tokens = [{ name: 'ann', sha256: 'ab12', role: 'admin' }];
    expect(
      redacted({ auth: { tokens, clientSecret: 's' }, log: { level: 'info', slowMs: 5 } }),
    ).toEqual({
      auth: {
        tokens: [{ name: 'ann', sha256: '(hidden)', role: 'admin' }],
        clientSecret: '(hidden)',
      },
      log: { level: 'info', slowMs: 5 },
    });
  });

  it('has no password of a URL', () => {
    expect(redacted(['http://ann:hunter2@host:4318/v1/traces'])).toEqual([
      'http://(hidden)@host:4318/v1/traces',
    ]);
  });
});
