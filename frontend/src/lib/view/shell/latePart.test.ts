import { describe, expect, it } from 'vitest';
import { LatePart } from './latePart.svelte.ts';

describe('a part that is loaded late', () => {
  it('is loaded once, however often it is requested', async () => {
    const loads: string[] = [];
    const part = new LatePart(async () => {
      loads.push('load');
      return 'menu';
    });
    expect(await Promise.all([part.load(), part.load()])).toEqual([true, true]);
    expect(await part.load()).toBe(true);
    expect([part.part, loads]).toEqual(['menu', ['load']]);
  });

  it('that cannot be loaded is reported, and requested again the next time', async () => {
    const answers = [Promise.reject(new Error('gone')), Promise.resolve('menu')];
    const part = new LatePart(() => answers.shift() ?? Promise.reject(new Error('asked too often')));
    expect(await part.load()).toBe(false);
    expect(part.part).toBeNull();
    expect(await part.load()).toBe(true);
    expect(part.part).toBe('menu');
  });
});
