import { beforeEach, describe, expect, it } from 'vitest';
import { openWriterBench, type WriterBench } from '../../../test/writerBench.ts';

let { writer, clock, held, live, unsaved, failures, appended }: WriterBench = openWriterBench();
beforeEach(() => {
  ({ writer, clock, held, live, unsaved, failures, appended } = openWriterBench());
});

const annotation = {
  type: 'annotation' as const,
  data: { annotations: [{ url: 'https://a.example', title: '' }] },
};

/** Appends and commits a first delta, so that the next ones fall into the window. */
async function writeFirst(): Promise<void> {
  writer.addText('chunk', 'first');
  await held.last.succeed();
}

describe('the first delta', () => {
  it('is appended at once', () => {
    writer.addText('chunk', 'H');
    expect(appended()).toEqual([['chunk:H']]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is shown only once it is committed', async () => {
    writer.addText('chunk', 'H');
    expect(live.content).toBe('');
    await held.last.succeed();
    expect(live.content).toBe('H');
  });
});

describe('the window', () => {
  it('coalesces the deltas of 25 ms into one event', async () => {
    await writeFirst();
    writer.addText('chunk', 'a');
    clock.advance(10);
    writer.addText('chunk', 'b');
    clock.advance(14);
    expect(appended()).toHaveLength(1);
    clock.advance(1);
    expect(appended()[1]).toEqual(['chunk:ab']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not delay a delta when nothing was appended for 25 ms', async () => {
    await writeFirst();
    clock.advance(25);
    writer.addText('chunk', 'a');
    expect(appended()[1]).toEqual(['chunk:a']);
  });

  it('ends early at 4 KiB', async () => {
    await writeFirst();
    writer.addText('chunk', 'a'.repeat(4095));
    expect(appended()).toHaveLength(1);
    writer.addText('chunk', 'b');
    expect(appended()).toHaveLength(2);
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends with a change of channel, and the order is kept', async () => {
    writer.addText('reasoning', 'r1');
    await held.last.succeed();
    writer.addText('reasoning', 'r2');
    writer.addText('chunk', 'c1');
    expect(appended()[1]).toEqual(['reasoning:r2', 'chunk:c1']);
  });

  it('ends with an event that is not text', async () => {
    await writeFirst();
    writer.addText('chunk', 'a');
    writer.addEvent(annotation);
    expect(appended()[1]).toEqual(['chunk:a', 'annotation']);
  });

  it('is never longer than 25 ms when the wall clock is set back', async () => {
    await writeFirst();
    clock.jumpWallClock(-3_600_000);
    writer.addText('chunk', 'a');
    clock.advance(25);
    expect(appended()[1]).toEqual(['chunk:a']);
  });

  it('is not shorter when the wall clock is set forward', async () => {
    await writeFirst();
    clock.jumpWallClock(3_600_000);
    writer.addText('chunk', 'a');
    expect(appended()).toHaveLength(1);
    clock.advance(25);
    expect(appended()[1]).toEqual(['chunk:a']);
  });

  it('keeps a fast stream at one commit for each 25 ms', async () => {
    held.succeedAlways();
    for (let index = 0; index < 1000; index += 1) {
      writer.addText('chunk', `${index} `);
      await Promise.resolve();
      clock.advance(1);
    }
    await writer.finish();
    expect(held.appends.length).toBeLessThanOrEqual(1000 / 25 + 2);
    expect(live.content.split(' ')).toHaveLength(1001);
  });
});

describe('while a commit is in flight', () => {
  it('buffers new deltas and commits them next', async () => {
    writer.addText('chunk', 'a');
    writer.addText('chunk', 'b');
    writer.addText('reasoning', 'r');
    clock.advance(25);
    expect(appended()).toEqual([['chunk:a']]);
    await held.last.succeed();
    expect(appended()).toEqual([['chunk:a'], ['chunk:b', 'reasoning:r']]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits for the remaining window after a quick commit', async () => {
    writer.addText('chunk', 'a');
    writer.addText('chunk', 'b');
    clock.advance(5);
    await held.last.succeed();
    clock.advance(19);
    expect(appended()).toHaveLength(1);
    clock.advance(1);
    expect(appended()[1]).toEqual(['chunk:b']);
  });

  it('makes the reader of the provider wait from 64 KiB on, until the commit is done', async () => {
    writer.addText('chunk', 'a');
    expect(writer.backpressure()).toBeUndefined();
    writer.addText('chunk', 'b'.repeat(64 * 1024 - 1));
    expect(writer.backpressure()).toBeUndefined();
    writer.addText('reasoning', 'c');
    const order: string[] = [];
    const waiting = writer.backpressure()?.then(() => order.push('continues'));
    expect(waiting).toBeDefined();
    order.push('commits');
    await held.last.succeed();
    await waiting;
    expect(order).toEqual(['commits', 'continues']);
    expect(writer.backpressure()).toBeUndefined();
    expect(appended()).toHaveLength(2);
  });
});

describe('the text that all answers hold', () => {
  it('makes every reader of a provider wait that has text to write, until a commit is done', async () => {
    const full = openWriterBench(100);
    full.unsaved.add(99);
    full.writer.addText('chunk', 'a');
    expect(full.unsaved.isFull).toBe(true);
    expect(full.writer.backpressure()).toBeUndefined();
    full.writer.addText('chunk', 'b');
    const waiting = full.writer.backpressure();
    expect(waiting).toBeDefined();
    await full.held.last.succeed();
    await waiting;
    full.clock.advance(25);
    await full.held.last.succeed();
    expect(full.unsaved.length).toBe(99);
  });

  it('is no longer held by an answer that cannot be logged', async () => {
    writer.addText('chunk', 'a');
    writer.addText('chunk', 'b');
    expect(unsaved.length).toBe(2);
    await held.last.fail(new Error('disk full'));
    writer.addText('chunk', 'c');
    expect(unsaved.length).toBe(0);
  });
});

describe('an event that is not text', () => {
  it('counts with its size, so a picture makes the reader of the provider wait', () => {
    writer.addText('chunk', 'a');
    writer.addEvent({
      type: 'image',
      data: { images: [{ url: `data:image/png;base64,${'A'.repeat(64 * 1024)}` }] },
    });
    expect(writer.backpressure()).toBeDefined();
  });
});

describe('the end', () => {
  it('waits for the commit in flight, then commits the remaining text without waiting for the window', async () => {
    writer.addText('chunk', 'a');
    writer.addText('chunk', 'b');
    const finished = writer.finish();
    await held.last.succeed();
    expect(appended()).toEqual([['chunk:a'], ['chunk:b']]);
    await held.last.succeed();
    await finished;
    expect(live.content).toBe('ab');
    expect(clock.pendingTimers).toBe(0);
  });

  it('is appended at once when no text is pending', async () => {
    await writer.finish();
    expect(held.appends).toHaveLength(0);
  });
});

describe('an append that fails', () => {
  it('stops the writer permanently, is logged once and shows nothing', async () => {
    const error = new Error('disk full');
    writer.addText('chunk', 'a');
    writer.addText('chunk', 'b');
    await held.last.fail(error);
    writer.addText('chunk', 'c');
    writer.addEvent(annotation);
    clock.advance(1000);
    expect(failures).toEqual([error]);
    await expect(writer.finish()).rejects.toBe(error);
    await expect(writer.finish()).rejects.toBe(error);
    expect(appended()).toEqual([['chunk:a']]);
    expect(live.content).toBe('');
    expect(writer.backpressure()).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });

  it('releases a waiting reader of the provider', async () => {
    writer.addText('chunk', 'a');
    writer.addText('chunk', 'b'.repeat(64 * 1024));
    const waiting = writer.backpressure();
    await held.last.fail(new Error('disk full'));
    await waiting;
    expect(failures).toHaveLength(1);
  });

  it('makes a pending end fail', async () => {
    writer.addText('chunk', 'a');
    const finished = expect(writer.finish()).rejects.toThrow('disk full');
    await held.last.fail(new Error('disk full'));
    await finished;
  });
});
