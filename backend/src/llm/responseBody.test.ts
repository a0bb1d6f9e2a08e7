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
  it('gives what came, in order, then says that there is nothing yet, then that it ended', () => {
    const [first, second] = [bytesOf(1), bytesOf(2)];
    body.push(first);
    body.push(second);
    expect([body.take(), body.take(), body.take()]).toEqual([first, second, undefined]);
    body.end();
    expect(body.take()).toBe(null);
  });

  it('wakes its reader for bytes, for the end and for a failure', async () => {
    for (const event of [() => body.push(bytesOf(1)), () => body.end()]) {
      const arrival = body.arrival();
      event();
      await arrival;
      body.take();
    }
    const failing = new ResponseBody({ pause: () => undefined, resume: () => undefined });
    const arrival = failing.arrival();
    failing.fail(new Error('broken'), { drop: false });
    await arrival;
    expect(() => failing.take()).toThrow('broken');
  });

  it('does not keep a reader waiting for what is there already', async () => {
    body.push(bytesOf(1));
    await body.arrival();
    body.take();
    body.end();
    await body.arrival();
  });

  it('holds the socket back past 64 KiB, and lets it go on once all of it was taken', () => {
    body.push(bytesOf(64 * 1024 - 1));
    expect(isPaused).toBe(false);
    body.push(bytesOf(1));
    expect(isPaused).toBe(true);
    body.take();
    expect(isPaused).toBe(true);
    body.take();
    expect(isPaused).toBe(false);
  });

  it('gives what came before the connection broke, and nothing of it when it was cut off on purpose', () => {
    body.push(bytesOf(1));
    body.fail(new Error('broken'), { drop: false });
    expect(body.take()).toEqual(bytesOf(1));
    expect(() => body.take()).toThrow('broken');
    const dropped = new ResponseBody({ pause: () => undefined, resume: () => undefined });
    dropped.push(bytesOf(1));
    dropped.fail(new Error('stopped'), { drop: true });
    expect(() => dropped.take()).toThrow('stopped');
  });
});
