/** Tests which elements move, and that none does where the system asks for less motion. */
import type { Page } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';
import { violationsOf } from './support/violations.ts';

const fadingText = (page: Page) =>
  page.evaluate(() =>
    [0, 1, 2, 3, 4]
      .flatMap((step) => [...(CSS.highlights.get(`fresh-${step}`) ?? [])])
      .map((range) => (range as Range).toString())
      .join('|'),
  );

/** How often a script has set an element of the page in motion. */
const motions = (page: Page) => page.evaluate(() => Number(document.documentElement.dataset.motions ?? 0));

const countMotions = (page: Page) =>
  page.addInitScript(() => {
    const { animate } = Element.prototype;
    Element.prototype.animate = function count(...given) {
      const { dataset } = document.documentElement;
      dataset.motions = String(Number(dataset.motions ?? 0) + 1);
      return animate.apply(this, given);
    };
  });

for (const reducedMotion of ['no-preference', 'reduce'] as const) {
  const moves = reducedMotion === 'no-preference';

  test(`the sidebar ${moves ? 'comes in and the column glides' : 'is there at once'} with ${reducedMotion}`, async ({
    page,
  }) => {
    await countMotions(page);
    await page.emulateMedia({ reducedMotion });
    const chat = new ChatPage(page);
    await chat.open();
    await page.getByRole('button', { name: 'Close sidebar' }).click();
    await expect(page.getByRole('button', { name: 'Open sidebar' })).toBeVisible();
    const atFirst = await motions(page);
    // The content in place of the sidebar may be loaded a moment later.
    expect(atFirst > 0).toBe(moves);
    await page.keyboard.press('Control+Shift+S');
    await expect(page.getByRole('button', { name: 'Close sidebar' })).toBeVisible();
    await expect.poll(async () => (await motions(page)) - atFirst).toBe(moves ? 2 : 0);
    expect(chat.complaints).toEqual([]);
  });

  test(`new text ${moves ? 'fades in for users who want that' : 'never fades'} with ${reducedMotion}`, async ({
    page,
    rill,
  }) => {
    await page.emulateMedia({ reducedMotion });
    rill.simulator.nextScript('demo/quick', [
      { delta: 'The **tide' },
      { hold: 'more' },
      { delta: '** comes twice a day.' },
      { hold: 'end' },
    ]);
    const chat = new ChatPage(page);
    await page.goto('/settings');
    await page.getByRole('checkbox', { name: 'New text fades in' }).check();
    await chat.open();
    // Records each range that fades, however briefly.
    await page.evaluate(() => {
      const { add } = Highlight.prototype;
      Highlight.prototype.add = function note(range) {
        const { dataset } = document.documentElement;
        dataset.faded = `${dataset.faded ?? ''}${String(range)}`;
        return add.call(this, range);
      };
    });
    await chat.send('What moves the sea?');
    await expect(chat.lastAnswer).toContainText('The tide');
    rill.simulator.release('more');
    await expect(chat.lastAnswer).toContainText('comes twice a day.');
    const faded = () => page.evaluate(() => document.documentElement.dataset.faded ?? '');
    if (moves) await expect.poll(faded).toContain('day.');
    await expect.poll(() => fadingText(page)).toBe('');
    if (!moves) expect(await faded()).toBe('');
    await expect(chat.lastAnswer.locator('.markdown')).toHaveText('The tide comes twice a day.');
    await expect(chat.lastAnswer.locator('.markdown span')).toHaveCount(0);
    rill.simulator.release('end');
    await chat.settled();
    expect(chat.complaints).toEqual([]);
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`on a phone in the ${colorScheme} theme`, () => {
    test.use({ colorScheme, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

    test('a menu is a sheet at the foot of the page, also over the sidebar, and a press elsewhere closes it', async ({
      page,
    }) => {
      const chat = new ChatPage(page);
      await chat.open();
      await chat.composer.fill('Hello');
      await chat.sendButton.tap();
      await chat.settled();
      const menu = page.getByRole('menu');
      await page.getByRole('button', { name: 'Chat actions' }).tap();
      await expectAtFoot(page);
      expect(await violationsOf(page)).toEqual([]);
      await page.touchscreen.tap(195, 200);
      await expect(menu).toHaveCount(0);
      await page.getByRole('button', { name: 'Open sidebar' }).tap();
      await page.getByRole('button', { name: 'Actions for chat Hello' }).tap();
      await expectAtFoot(page);
      expect(await violationsOf(page)).toEqual([]);
      await menu.getByRole('menuitem', { name: 'Pin' }).tap();
      await expect(page.getByRole('region', { name: 'Pinned' })).toBeVisible();
      expect(chat.complaints).toEqual([]);
    });
  });
}

/** Checks the position of the sheet once it has opened. */
async function expectAtFoot(page: Page): Promise<void> {
  await expect
    .poll(async () => {
      const box = await page.getByRole('menu').boundingBox();
      return box && { x: box.x, width: box.width, bottom: Math.round(box.y + box.height) };
    })
    .toEqual({ x: 0, width: 390, bottom: 844 });
  await expect(page.getByRole('menuitem').first()).toBeInViewport({ ratio: 1 });
}
