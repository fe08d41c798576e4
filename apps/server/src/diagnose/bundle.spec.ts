import { makeBundle } from './bundle';

const respond = (body: unknown): Promise<Response> =>
  Promise.resolve(new Response(typeof body === 'string' ? body : JSON.stringify(body)));

describe('a bundle', () => {
  it('has what each replica said, those too that were only named, and says what is missing', async () => {
    const { entries, replicas } = await makeBundle(['http://a:1'], (url, path) => {
      if (url !== 'http://a:1') return Promise.reject(new Error('connection refused'));
      if (path === '/metrics') return respond('up 1\n');
      if (path === '/v1/debug/log') return Promise.reject(new Error('forbidden'));
      if (path === '/v1/cluster') return respond({ replicas: [{ clientUrl: 'http://b:2/' }] });
      return respond({ serving: true, token: 'hunter2' });
    });
    expect(replicas).toMatchObject([
      {
        url: 'http://a:1',
        isReachable: true,
        isServing: true,
        missing: { 'log.json': 'forbidden' },
      },
      { url: 'http://b:2', isReachable: false, isServing: false },
    ]);
    const names = entries.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['summary.json', 'a_1/metrics.txt']));
    expect(names).not.toContain('a_1/log.json');
    const text = entries.map(({ content }) => Buffer.from(content).toString()).join('');
    expect(text).not.toContain('hunter2');
    expect(text).toContain('connection refused');
  });
});
