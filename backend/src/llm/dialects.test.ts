/**
 * Tests the dialects of servers other than OpenRouter, over real sockets: content types, compression, sockets held
 * open.
 */
import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ask, chunk, data } from './dialectTestBench.ts';
import { failureOf, type TestBench, turnUntil } from './llmTestBench.ts';

const usage = { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } };
const whole = { choices: [{ index: 0, message: { content: 'Two boats.' }, finish_reason: 'stop' }] };
const stream = `${data(chunk('Two'), chunk(' boats.'), chunk('', 'stop'))}data: [DONE]\n\n`;

describe('the body decides and not its content type', () => {
  const bodies = {
    events: stream,
    'events without blank lines': stream.replaceAll('\n\n', '\n'),
    'events on one line': stream.replaceAll('\n\n', ''),
    'events with CRLF': stream.replaceAll('\n', '\r\n'),
    'events with CR': stream.replaceAll('\n', '\r'),
    'events with data twice': stream.replaceAll('data: ', 'data: data: '),
    'a line of JSON each': [chunk('Two'), chunk(' boats.', 'stop')]
      .map((each) => `${JSON.stringify(each)}\n`)
      .join(''),
    'a whole JSON': JSON.stringify(whole),
    'a whole JSON over lines': JSON.stringify(whole, null, 2),
    'a list of chunks': JSON.stringify([chunk('Two'), chunk(' boats.', 'stop')], null, 1),
  };
  const labels = [
    'text/event-stream',
    'application/json',
    'application/x-ndjson',
    'text/html',
    'text/plain',
    null,
  ];
  const cases = Object.entries(bodies).flatMap(([name, body]) =>
    labels.map((label) => [name, label, body] as const),
  );
  test.each(cases)('%s is read under %s', async (_, label, body) => {
    const { content, thrown } = await ask((response) => {
      response.writeHead(200, label === null ? {} : { 'content-type': label });
      response.end(`\uFEFF${body}`);
    });
    expect({ content, thrown }).toEqual({ content: 'Two boats.', thrown: null });
  });

  test.each(['application/json', 'text/html'])('text is shown while it arrives under %s', async (label) => {
    const held: ServerResponse[] = [];
    const { content } = await ask(
      (response) => {
        response.writeHead(200, { 'content-type': label });
        response.write(data(chunk('Two')));
        held.push(response);
      },
      async (_, seen) => {
        await turnUntil(() => seen.content === 'Two');
        held[0]?.end(data(chunk(' boats.', 'stop')));
      },
    );
    expect(content).toBe('Two boats.');
  });
});

describe('a compressed body', () => {
  const bytes = Buffer.from(stream);
  const encodings: readonly (readonly [string, Buffer, string | null])[] = [
    ['gzip', zlib.gzipSync(bytes), 'gzip'],
    ['x-gzip', zlib.gzipSync(bytes), 'X-GZip'],
    ['deflate', zlib.deflateSync(bytes), 'deflate'],
    ['raw deflate', zlib.deflateRawSync(bytes), 'deflate'],
    ['br', zlib.brotliCompressSync(bytes), 'br'],
    ['zstd', zlib.zstdCompressSync(bytes), 'zstd'],
    ['two layers', zlib.brotliCompressSync(zlib.gzipSync(bytes)), 'gzip, br'],
    ['gzip without a label', zlib.gzipSync(bytes), null],
    ['zstd without a label', zlib.zstdCompressSync(bytes), null],
    ['a label without gzip', bytes, 'gzip'],
    ['a label without br', bytes, 'br'],
    ['an unknown label without compression', bytes, 'utf-8'],
    ['a body without its trailer', zlib.gzipSync(bytes).subarray(0, -8), 'gzip'],
  ];
  test.each(encodings)('%s is decompressed, in one part and byte by byte', async (_, body, encoding) => {
    const headers = encoding === null ? {} : { 'content-encoding': encoding };
    for (const size of [body.length, 1]) {
      const { content, thrown } = await ask((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
        for (let at = 0; at < body.length; at += size) response.write(body.subarray(at, at + size));
        response.end();
      });
      expect({ content, thrown }).toEqual({ content: 'Two boats.', thrown: null });
    }
  });

  test.each([
    ['gzip', () => zlib.createGzip()],
    ['deflate', () => zlib.createDeflate()],
    ['br', () => zlib.createBrotliCompress()],
    ['zstd', () => zlib.createZstdCompress()],
  ] as const)('%s shows what each flush brings, before its end', async (encoding, create) => {
    const packer = create();
    const send = async (text: string): Promise<void> => {
      packer.write(text);
      await promisify((done: () => void) => packer.flush(done))();
    };
    const { content, thrown } = await ask(
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': encoding });
        packer.pipe(response);
        void send(data(chunk('Two')));
      },
      async (_bench, seen) => {
        await turnUntil(() => seen.content === 'Two');
        await send(data(chunk(' boats.')));
        await turnUntil(() => seen.content === 'Two boats.');
        packer.end(data(chunk('', 'stop')));
      },
    );
    expect({ content, thrown }).toEqual({ content: 'Two boats.', thrown: null });
  });

  test('that is broken ends with provider_protocol, after its text', async () => {
    const packed = zlib.gzipSync(
      Buffer.from(data(...Array.from({ length: 4000 }, (_, at) => chunk(`word ${at} `)))),
    );
    packed.fill(0xff, packed.length - 2000);
    const collected = await ask((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(packed);
    });
    expect(failureOf(collected).code).toBe('provider_protocol');
    expect(collected.content.startsWith('word 0 word 1 ')).toBe(true);
  });

  test('that decompresses without end is refused', async () => {
    const bomb = zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024, ': ping\n\n'));
    const collected = await ask((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(bomb);
    });
    expect(failureOf(collected)).toMatchObject({ code: 'provider_protocol' });
  }, 20_000);

  test('in an unknown encoding is refused, and the error names the encoding', async () => {
    const collected = await ask((response) => {
      response.writeHead(200, { 'content-encoding': 'x-secret' });
      response.end(Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 9]));
    });
    const failure = failureOf(collected);
    expect(failure.code).toBe('provider_protocol');
    expect(failure.message).toContain('"x-secret"');
  });

  test('of an error status provides the message', async () => {
    const collected = await ask((response) => {
      response.writeHead(400, { 'content-encoding': 'br' });
      response.end(zlib.brotliCompressSync(JSON.stringify({ error: { message: 'no such thing' } })));
    });
    expect(failureOf(collected).message).toContain('no such thing');
  });
});

/** Advances the service's clock in small steps until the answer ends; returns the milliseconds that it took. */
async function passUntilOver(bench: TestBench, seen: { readonly isOver: boolean }, tick = () => undefined) {
  let passedMs = 0;
  await turnUntil(() => {
    if (bench.clock.pendingTimers > 0 && !seen.isOver && passedMs < 60_000) {
      bench.clock.advance(50);
      passedMs += 50;
      tick();
    }
    return seen.isOver;
  });
  return passedMs;
}

describe('a socket held open after the finish reason', () => {
  test.each([
    ['silent', ''],
    ['with comments', ': keep-alive\n\n'],
    ['with empty deltas', data(chunk(''))],
    ['with usage again and again', data(usage)],
    ['with pings', 'event: ping\ndata: {}\n\n'],
    ['with blank lines', '\n\n'],
  ])('%s ends the answer within 3 to 5 s', async (_, keepAlive) => {
    const passed = { ms: 0 };
    const isClosed = Promise.withResolvers<void>();
    const held: ServerResponse[] = [];
    const { thrown, result } = await ask(
      (response) => {
        response.on('close', isClosed.resolve);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(data(chunk('Two boats.'), chunk('', 'stop'), usage));
        held.push(response);
      },
      async (bench, seen) => {
        await turnUntil(() => seen.content === 'Two boats.');
        passed.ms = await passUntilOver(bench, seen, () => {
          if (keepAlive !== '') held[0]?.write(keepAlive);
          return undefined;
        });
      },
    );
    expect(thrown).toBeNull();
    expect(result?.usage?.normalised.promptTokens).toBe(3);
    expect(passed.ms).toBeGreaterThanOrEqual(3000);
    expect(passed.ms).toBeLessThanOrEqual(5000);
    await isClosed.promise;
  });

  test('still delivers text and usage within that time, which is measured from the last text', async () => {
    const held: ServerResponse[] = [];
    const { content, result } = await ask(
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(data(chunk('Two', 'stop')));
        held.push(response);
      },
      async (bench, seen) => {
        const pass = async (text: string, shown: string): Promise<void> => {
          await turnUntil(() => bench.clock.pendingTimers > 0);
          bench.clock.advance(2900);
          held[0]?.write(text);
          await turnUntil(() => seen.content === shown);
        };
        await turnUntil(() => seen.content === 'Two');
        await pass(data(chunk(' boats')), 'Two boats');
        await pass(data(chunk('.'), usage), 'Two boats.');
        await passUntilOver(bench, seen);
      },
    );
    expect(content).toBe('Two boats.');
    expect(result?.usage?.normalised.completionTokens).toBe(2);
  });
});
