import { beforeEach, describe, expect, it } from 'vitest';
import { ResponseBody } from './responseBody.ts';

const bytesOf = (length: number) => new Uint8Array(length);

let isPaused: boolean;
let body: ResponseBody;
beforeEach(() => {
  isPaused = false;
  body = new ResponseBody({
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
    },
  });
});

describe('the body of a response', () => {
  it('returns its bytes in order, then reports that there are none yet, then that it ended', () => {
    const [first, second] = [bytesOf(1), bytesOf(2)];
    body.push(first);
    body.push(second);
    expect([body.read(), body.read(), body.read()]).toEqual([first, second, undefined]);
    body.end();
    expect(body.read()).toBe(null);
  });

  it('wakes its reader for bytes, for the end and for a failure', async () => {
    for (const event of [() => body.push(bytesOf(1)), () => body.end()]) {
      const arrival = body.whenReadable();
      event();
      await arrival;
      body.read();
    }
    const failing = new ResponseBody({ pause: () => undefined, resume: () => undefined });
    const arrival = failing.whenReadable();
    failing.fail(new Error('broken'), { drop: false });
    await arrival;
    expect(() => failing.read()).toThrow('broken');
  });

  it('does not make a reader wait for bytes that have already arrived', async () => {
    body.push(bytesOf(1));
    await body.whenReadable();
    body.read();
    body.end();
    await body.whenReadable();
  });

  it('pauses the socket above 64 KiB, and resumes it once everything was read', () => {
    body.push(bytesOf(64 * 1024 - 1));
    expect(isPaused).toBe(false);
    body.push(bytesOf(1));
    expect(isPaused).toBe(true);
    body.read();
    expect(isPaused).toBe(true);
    body.read();
    expect(isPaused).toBe(false);
  });

  it('returns the bytes before a broken connection, and none after it was closed on purpose', () => {
    body.push(bytesOf(1));
    body.fail(new Error('broken'), { drop: false });
    expect(body.read()).toEqual(bytesOf(1));
    expect(() => body.read()).toThrow('broken');
    const dropped = new ResponseBody({ pause: () => undefined, resume: () => undefined });
    dropped.push(bytesOf(1));
    dropped.fail(new Error('stopped'), { drop: true });
    expect(() => dropped.read()).toThrow('stopped');
  });
});
