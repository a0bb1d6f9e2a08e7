import { afterEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { composer, openApp } from './appTestBench.ts';
import type { StoredText } from './lib/chat/storage/storedText.ts';
import { EnterKey } from './lib/view/composer/enterKey.svelte.ts';

describe('Enter', () => {
  let app: Awaited<ReturnType<typeof openApp>>;
  /** A screen that is touched: a window cannot be told that it is one, so the question is answered for it. */
  const touch = () => {
    const ask = window.matchMedia.bind(window);
    vi.spyOn(window, 'matchMedia').mockImplementation((query) =>
      ask(query.includes('pointer: coarse') ? 'all' : query),
    );
  };

  afterEach(async () => {
    vi.restoreAllMocks();
  });

  it('makes a line on a touch screen, where the button sends', async () => {
    touch();
    app = await openApp('/projects/p1/new');
    await composer().fill('one');
    await userEvent.keyboard('{Enter}');
    await expect.element(composer()).toHaveValue('one\n');
    expect(composer().element().getAttribute('enterkeyhint')).toBe('enter');
    expect(app.client.sent).toEqual([]);
    await page.getByRole('button', { name: 'Send message' }).click();
    await expect.poll(() => app.client.sent.length).toBe(1);
  });

  it('does what was chosen in this browser', async () => {
    app = await openApp('/projects/p1/new');
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('checkbox', { name: 'Enter sends' }).click();
    await page.getByRole('button', { name: 'Close settings' }).click();
    await composer().fill('one');
    await userEvent.keyboard('{Enter}');
    await expect.element(composer()).toHaveValue('one\n');
    await userEvent.keyboard('{Control>}{Enter}{/Control}');
    await expect.poll(() => app.client.sent.length).toBe(1);
    const stored: StoredText = { value: null };
    new EnterKey(stored).sends = false;
    expect(new EnterKey(stored).sends).toBe(false);
    new EnterKey(stored).sends = true;
    expect(new EnterKey(stored).sends).toBe(true);
  });
});
