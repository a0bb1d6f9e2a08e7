import { describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { composer, openApp, send } from './appTestBench.ts';
import { chunk, done, runStart } from './lib/chat/chatTestBench.ts';

describe('a page that is small', () => {
  const isWhole = (element: Element) => {
    const { top, bottom, left, right } = element.getBoundingClientRect();
    return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
  };

  it.each([
    ['at 200 % zoom', 640, 360],
    ['at 200 % zoom of a small laptop', 683, 384],
    ['on a phone on its side', 667, 375],
    ['on another phone on its side', 740, 360],
    ['on a phone on its side, above the keyboard', 740, 180],
    ['on a phone above the keyboard', 390, 420],
    ['at 400 % zoom', 320, 256],
  ])('shows the whole composer %s, whatever is written in it', async (_name, width, height) => {
    await page.viewport(width, height);
    const { client, state } = await openApp('/projects/p1/chats/c1');
    const stream = await send(client, 'Why?');
    stream.feed(runStart('Why?', { parentId: 'a0' }));
    stream.feed(chunk('Because.'));
    if (state.current)
      state.current.problem = 'The server did not take this, for a reason that is long to say.';
    for (const draft of ['', 'one line', 'a line of a long draft\n'.repeat(40)]) {
      await composer().fill(draft);
      const form = document.querySelector('form.composer');
      const edge = form?.getBoundingClientRect();
      expect(form && isWhole(form)).toBe(true);
      for (const button of form?.querySelectorAll('button') ?? []) {
        if (!button.checkVisibility()) continue;
        expect(isWhole(button)).toBe(true);
        expect(button.getBoundingClientRect().right).toBeLessThanOrEqual(edge?.right ?? 0);
        const { left, top, width: buttonWidth, height: buttonHeight } = button.getBoundingClientRect();
        const hit = document.elementFromPoint(left + buttonWidth / 2, top + buttonHeight / 2);
        expect(button.contains(hit)).toBe(true);
      }
      expect(composer().element().clientWidth).toBeGreaterThan(90);
      expect(page.getByRole('log').element().clientHeight).toBeGreaterThan(40);
    }
  });

  it('shows the actions of a row completely in the sheet, even at its edges', async () => {
    await page.viewport(320, 480);
    const { client } = await openApp('/projects/p1/new');
    client.chats = [];
    await page.getByRole('button', { name: 'Open sidebar' }).click();
    await page.getByRole('button', { name: 'Actions for chat Tides' }).click();
    const menu = page.getByRole('menu');
    await expect.element(menu.getByRole('menuitem', { name: 'Delete' })).toBeVisible();
    // It comes up from the foot of the page.
    await expect.poll(() => isWhole(menu.element())).toBe(true);
    for (const item of menu.getByRole('menuitem').all()) {
      const { left, right, top, height } = item.element().getBoundingClientRect();
      for (const x of [left + 2, right - 2])
        expect(item.element().contains(document.elementFromPoint(x, top + height / 2))).toBe(true);
    }
    await userEvent.keyboard('{Escape}');
    await expect.element(menu).not.toBeInTheDocument();
  });

  it('stays as wide as it is under a draft that cannot break', async () => {
    await openApp('/projects/p1/chats/c1');
    await composer().fill('a'.repeat(5000));
    for (const width of [390, 1280]) {
      await page.viewport(width, 800);
      expect(isWhole(composer().element())).toBe(true);
      expect(isWhole(page.getByRole('button', { name: 'Send message' }).element())).toBe(true);
    }
  });

  it.each([
    ['Hebrew', 'מה הן גאות ושפל?'],
    ['Arabic', 'ما هو المد والجزر؟'],
    ['Latin', 'What are tides?'],
  ])('shows a message in %s on the side of its writer', async (_name, words) => {
    const { client } = await openApp('/projects/p1/chats/c1');
    const stream = await send(client, words);
    stream.feed(runStart(words, { parentId: 'a0' }));
    await composer().fill(words);
    await page.getByRole('button', { name: 'Send after this answer' }).click();
    const column = document.querySelector('.column')?.getBoundingClientRect();
    const bubbles = [...document.querySelectorAll('.bubble')].filter(
      (bubble) => bubble.textContent?.trim() === words && bubble.closest('.item') !== null,
    );
    expect(bubbles.length).toBeGreaterThanOrEqual(2);
    for (const bubble of bubbles) {
      const { left, right } = bubble.getBoundingClientRect();
      expect((column?.right ?? 0) - right).toBeLessThan(40);
      expect(left - (column?.left ?? 0)).toBeGreaterThan(200);
    }
    stream.feed(done(`${words}\n\n- ${words}\n\n\`\`\`ts\nconst a = 1;\n\`\`\``));
  });
});
