import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ServerLink } from './serverLink.svelte.ts';

describe('the link to the server', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  function setUp(pageBuild: string | null = 'build-1') {
    const said: string[] = [];
    const link = new ServerLink({ pageBuild, announcer: { announce: ({ type }) => void said.push(type) } });
    return { link, said };
  }

  it('reports a loss of the server once it lasts, and its return for a moment', () => {
    const { link, said } = setUp();
    link.take(false);
    vi.advanceTimersByTime(1499);
    expect(link.reach).toBe('reached');
    vi.advanceTimersByTime(1);
    expect(link.reach).toBe('lost');
    link.take(false);
    link.take(true);
    expect(link.reach).toBe('back');
    vi.advanceTimersByTime(3000);
    expect(link.reach).toBe('reached');
    expect(said).toEqual(['server-lost', 'server-back']);
  });

  it('does not report a loss that is over at once', () => {
    const { link, said } = setUp();
    link.take(true);
    link.take(false);
    vi.advanceTimersByTime(1000);
    link.take(true);
    expect(link.reach).toBe('reached');
    expect(said).toEqual([]);
  });

  it('that is lost again while its return is shown is lost', () => {
    const { link } = setUp();
    link.take(false);
    vi.advanceTimersByTime(1500);
    link.take(true);
    link.take(false);
    vi.advanceTimersByTime(1500);
    expect(link.reach).toBe('lost');
    link.dispose();
  });

  it('notices a newer page once, and none where one of both has no name', () => {
    const { link, said } = setUp();
    link.takeBuild(undefined);
    link.takeBuild('build-1');
    expect(link.isOutdated).toBe(false);
    link.takeBuild('build-2');
    link.takeBuild('build-3');
    expect(link.isOutdated).toBe(true);
    expect(said).toEqual(['new-version']);
    const unnamed = setUp(null).link;
    unnamed.takeBuild('build-2');
    expect(unnamed.isOutdated).toBe(false);
  });
});
