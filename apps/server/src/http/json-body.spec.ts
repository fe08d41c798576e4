import { problemOf } from '../contract/problem-of';
import { DEPTH_MAX, parseJsonBody } from './json-body';

const parse = (text: string) => parseJsonBody(Buffer.from(text));
const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

describe('the body of a request', () => {
  it('is an object, or nothing', () => {
    expect(parse('{"a":[1,"é"]}')).toEqual({ a: [1, 'é'] });
    expect(parse('')).toBeUndefined();
  });

  it.each(['[]', 'null', '"text"', '7', 'true'])('is not %s', (text) => {
    expect(problemOf(() => parse(text))).toMatchObject({ code: 'malformed' });
  });

  it('is UTF-8, to the letter', () => {
    const overlong = Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]);
    expect(problemOf(() => parseJsonBody(overlong))).toMatchObject({ code: 'invalid-json' });
  });

  it('is nested so deep and no deeper; brackets in texts do not count', () => {
    expect(problemOf(() => parse(nested(DEPTH_MAX)))).toBeUndefined();
    expect(problemOf(() => parse(nested(DEPTH_MAX + 1)))).toMatchObject({ code: 'invalid-json' });
    expect(parse(`{"a":"${'['.repeat(100)}\\"[[["}`)).toHaveProperty('a');
  });

  it.each(['{"__proto__":{}}', '{"\\u005f_proto__":{}}', '{"a":[{"constructor":1}]}'])(
    'does not name prototypes: %s',
    (text) => {
      expect(problemOf(() => parse(text))).toMatchObject({ code: 'malformed' });
    },
  );
});
