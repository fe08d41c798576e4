import { Endpoints } from './endpoints';

describe('the endpoints a client knows', () => {
  it('are tried in the order given, until one is known to lead', () => {
    const endpoints = new Endpoints(['http://a:1', 'http://b:1', 'http://c:1']);
    expect(endpoints.inOrder()).toEqual(['http://a:1', 'http://b:1', 'http://c:1']);
    endpoints.primaryIs('http://c:1/');
    expect(endpoints.inOrder()).toEqual(['http://c:1', 'http://a:1', 'http://b:1']);
  });

  it('come last when they failed, the latest failure at the very end', () => {
    const endpoints = new Endpoints(['http://a:1', 'http://b:1', 'http://c:1']);
    endpoints.failed('http://b:1', 10);
    endpoints.failed('http://a:1', 20);
    expect(endpoints.inOrder()).toEqual(['http://c:1', 'http://b:1', 'http://a:1']);
    endpoints.reached('http://a:1');
    expect(endpoints.inOrder()).toEqual(['http://a:1', 'http://c:1', 'http://b:1']);
  });

  it('do not keep a primary that failed', () => {
    const endpoints = new Endpoints(['http://a:1', 'http://b:1']);
    endpoints.primaryIs('http://a:1');
    endpoints.failed('http://a:1', 10);
    expect(endpoints.primary).toBeUndefined();
    expect(endpoints.inOrder()).toEqual(['http://b:1', 'http://a:1']);
  });

  it('grow by what the group says of itself, each address once', () => {
    const endpoints = new Endpoints(['http://a:1']);
    endpoints.learn(['http://a:1/', 'http://b:1']);
    expect(endpoints.urls).toEqual(['http://a:1', 'http://b:1']);
  });

  it.each(['ftp://a:1', 'a:1', ''])('refuse %p, which is no http URL', (url) => {
    expect(() => new Endpoints([url])).toThrow('is no http or https URL');
  });

  it('refuse to be none', () => {
    expect(() => new Endpoints([])).toThrow('at least one endpoint');
  });
});
