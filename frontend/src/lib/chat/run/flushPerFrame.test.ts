import { describe, expect, it } from 'vitest';
import { flushPerFrame } from './flushPerFrame.ts';

function manualFrames() {
  const callbacks = new Set<() => void>();
  return {
    callbacks,
    schedule: (callback: () => void) => {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
    runFrame: () => {
      for (const callback of [...callbacks]) {
        callbacks.delete(callback);
        callback();
      }
    },
  };
}

describe('flushPerFrame', () => {
  it('passes on only the latest value of a frame', () => {
    const frames = manualFrames();
    const seen: number[] = [];
    const flusher = flushPerFrame<number>(frames.schedule, (value) => seen.push(value));
    flusher.push(1);
    flusher.push(2);
    flusher.push(3);
    expect(frames.callbacks.size).toBe(1);
    frames.runFrame();
    expect(seen).toEqual([3]);
  });

  it('requests a new frame after each flush', () => {
    const frames = manualFrames();
    const seen: number[] = [];
    const flusher = flushPerFrame<number>(frames.schedule, (value) => seen.push(value));
    flusher.push(1);
    frames.runFrame();
    flusher.push(2);
    frames.runFrame();
    expect(seen).toEqual([1, 2]);
  });

  it('passes on at once on flush and cancels the frame', () => {
    const frames = manualFrames();
    const seen: number[] = [];
    const flusher = flushPerFrame<number>(frames.schedule, (value) => seen.push(value));
    flusher.push(1);
    flusher.flush();
    frames.runFrame();
    expect(seen).toEqual([1]);
    expect(frames.callbacks.size).toBe(0);
  });

  it('passes on nothing after dispose and leaves no frame behind', () => {
    const frames = manualFrames();
    const seen: number[] = [];
    const flusher = flushPerFrame<number>(frames.schedule, (value) => seen.push(value));
    flusher.push(1);
    flusher.dispose();
    flusher.push(2);
    flusher.flush();
    expect(seen).toEqual([]);
    expect(frames.callbacks.size).toBe(0);
  });
});
