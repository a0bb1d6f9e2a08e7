import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryHost } from '../../chat/chatTestBench.ts';
import { Router } from '../../chat/navigation/router.svelte.ts';
import { readAimedChat } from './aimedChat.ts';

describe('a list of chats', () => {
  const list = document.createElement('ul');
  const prepared: (string | null)[] = [];
  const router = new Router(memoryHost('/base/'), '/base');
  let stop: (() => void) | undefined;

  const row = (id: string) => list.querySelector(`[href$="${id}"]`) as HTMLElement;
  function point(type: string, target: Element, pointerType = 'mouse') {
    target.dispatchEvent(new PointerEvent(type, { pointerType, button: 0, bubbles: true }));
  }

  beforeEach(() => {
    vi.useFakeTimers();
    prepared.length = 0;
    const hrefOf = (chatId: string) => router.hrefOf({ name: 'chat', projectId: 'p1', chatId });
    list.innerHTML = `<h2>Chats</h2>${['c1', 'c2'].map((id) => `<li><a href="${hrefOf(id)}"><span>${id}</span></a></li>`).join('')}`;
    document.body.append(list);
    const prepare = (chat: { chatId: string } | null) => void prepared.push(chat?.chatId ?? null);
    stop = readAimedChat({ prepare }, router)(list) ?? undefined;
  });

  afterEach(() => {
    stop?.();
    expect(vi.getTimerCount()).toBe(0);
    list.remove();
    vi.useRealTimers();
  });

  it('has the chat read on which a mouse stays, once', () => {
    point('pointerover', row('c1'));
    vi.advanceTimersByTime(30);
    point('pointerover', row('c1').firstElementChild ?? list);
    vi.advanceTimersByTime(30);
    expect(prepared).toEqual(['c1']);
    vi.advanceTimersByTime(1000);
    expect(prepared).toEqual(['c1']);
  });

  it('has none read that a mouse only passes', () => {
    for (const id of ['c1', 'c2', 'c1', 'c2']) {
      point('pointerover', row(id));
      vi.advanceTimersByTime(40);
    }
    expect(prepared).toEqual([]);
    vi.advanceTimersByTime(10);
    expect(prepared).toEqual(['c2']);
  });

  it('ends the reading when the mouse leaves, and not when a finger is lifted', () => {
    point('pointerover', row('c1'), 'touch');
    point('pointerdown', row('c1'), 'touch');
    expect(prepared).toEqual(['c1']);
    point('pointerleave', list, 'touch');
    expect(prepared).toEqual(['c1']);
    point('pointerover', row('c2'));
    point('pointerleave', list);
    vi.advanceTimersByTime(1000);
    expect(prepared).toEqual(['c1', null]);
  });

  it('has the chat read that is pressed, at once and only once', () => {
    point('pointerover', row('c2'));
    point('pointerdown', row('c2').firstElementChild ?? list);
    expect(prepared).toEqual(['c2']);
    vi.advanceTimersByTime(1000);
    expect(prepared).toEqual(['c2']);
  });

  it('has the chat read that has the focus by key, once it stays there', () => {
    row('c1').focus({ focusVisible: true } as FocusOptions);
    vi.advanceTimersByTime(30);
    row('c2').focus({ focusVisible: true } as FocusOptions);
    vi.advanceTimersByTime(50);
    expect(prepared).toEqual(['c2']);
  });
});
