// The log: one event = one line, whatever text goes into it, and no secret under any of the names that they have here.
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../services/shared/logger.ts';
import { secret } from '../../events/secret.ts';

const CANARY = 'kf_canary0123456789';

function record(write: (logger: ReturnType<typeof createLogger>) => void): {
  text: string;
  lines: Record<string, unknown>[];
} {
  const stream = new PassThrough();
  write(createLogger({ level: 'trace', destination: stream }));
  const text = String(stream.read() ?? '');
  return {
    text,
    lines: text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('the log', () => {
  it('names level and time in words', () => {
    const { lines } = record((logger) => logger.info({ requestId: 'r1' }, 'hello'));
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'info',
        msg: 'hello',
        requestId: 'r1',
        time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      }),
    ]);
  });

  it.each([
    ['newlines', 'a\nb\r\nc\u2028d'],
    ['NUL and control characters', 'a\u0000b\u001b[31m'],
    ['lone surrogates', 'a\ud800b'],
    ['quotes and braces', '","level":"fatal"}{'],
  ])('is one line for each event with %s in it', (_, text) => {
    const { lines } = record((logger) => {
      logger.info({ text }, text);
      logger.error({ err: new Error(text) }, text);
    });
    expect(lines).toHaveLength(2);
    expect(lines[0]?.level).toBe('info');
  });

  it('blanks secrets at the top and one level down, and headers', () => {
    const values = {
      secret: CANARY,
      token: CANARY,
      password: CANARY,
      authorization: CANARY,
      cookie: CANARY,
      pepper: CANARY,
      sealingKey: CANARY,
      hash: CANARY,
      sealed: CANARY,
    };
    const headers = { authorization: CANARY, cookie: CANARY, 'x-api-key': CANARY, 'set-cookie': CANARY };
    const { text } = record((logger) => {
      logger.info(values, 'x');
      logger.info({ input: values, headers, req: { headers } }, 'x');
      logger.info({ key: secret(CANARY) }, 'x');
    });
    expect(text).not.toContain(CANARY.slice(0, 12));
    expect(text).toContain('[redacted]');
  });

  it('of an error tells name, code, message, stack and causes, and no other member', () => {
    const cause = Object.assign(new Error('no route'), { code: 'ECONNREFUSED', config: { auth: CANARY } });
    const error = Object.assign(new Error('cannot connect', { cause }), { query: CANARY });
    const { text, lines } = record((logger) => logger.error({ err: error }, 'x'));
    expect(text).not.toContain(CANARY);
    expect(lines[0]?.err).toMatchObject({
      type: 'Error',
      message: 'cannot connect',
      cause: { code: 'ECONNREFUSED', message: 'no route' },
    });
  });

  it("blanks user name and password of a URL in an error's words", () => {
    const error = new Error('cannot reach mongodb+srv://user:canary-password@db.example/keyfold');
    const { text } = record((logger) => logger.error({ err: error }, 'x'));
    expect(text).not.toContain('canary-password');
    expect(text).toContain('mongodb+srv://[redacted]@db.example');
  });
});
