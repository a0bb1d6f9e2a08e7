import type { Page } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { drag, LongAnswer } from './support/longAnswer.ts';
import { expect, test } from './support/rillTest.ts';

test('the wheel leaves the end and returns to it; a button shows how much text was missed', async ({
  page,
  rill,
}) => {
  const answer = await LongAnswer.start(page, rill);
  await answer.log.hover();
  await page.mouse.wheel(0, -300);
  await answer.expectGrowsUnseen();
  await expect(answer.pill).toHaveText(/^About \d+0 new words below$/);
  await page.mouse.wheel(0, 100_000);
  await answer.expectAtEnd();
  await expect(answer.pill).toHaveCount(0);
  await answer.expectGrowsFollowed();
});

test('scrolling up with the wheel while text arrives is never overridden', async ({ page, rill }) => {
  const answer = await LongAnswer.start(page, rill);
  // The event and the growth fall into one frame: nothing is scrolled yet when the text is written.
  await answer.log.evaluate((log) => {
    log.dispatchEvent(new WheelEvent('wheel', { deltaY: -1 }));
    log.querySelector('.message-body')?.append('And more. '.repeat(400));
  });
  await answer.stillness();
  expect(await answer.distanceToEnd()).toBeGreaterThan(60);
});

test('every key that scrolls up leaves the end, and End follows it again', async ({ page, rill }) => {
  const answer = await LongAnswer.start(page, rill);
  await answer.log.focus();
  for (const key of ['PageUp', 'ArrowUp', 'Home', 'Shift+Space']) {
    await page.keyboard.press(key);
    await expect.poll(() => answer.distanceToEnd()).toBeGreaterThan(20);
    await answer.expectGrowsUnseen();
    await page.keyboard.press('End');
    await answer.expectAtEnd();
    await expect(answer.pill).toHaveCount(0);
  }
  await answer.expectGrowsFollowed();
});

test.describe('on a touch screen', () => {
  test.use({ hasTouch: true });

  test('a finger leaves the end and returns to it', async ({ page, rill }) => {
    const answer = await LongAnswer.start(page, rill);
    const session = await page.context().newCDPSession(page);
    await drag(session, answer.log, 200);
    await answer.expectGrowsUnseen();
    while ((await answer.distanceToEnd()) > 2) await drag(session, answer.log, -500);
    await answer.expectGrowsFollowed();
  });
});

// A headless browser draws no scroll bar that could be dragged; to the page a drag is a position that it did not set
// itself.
test('a scroll position set from outside leaves the end after 3 px and is followed again near it', async ({
  page,
  rill,
}) => {
  const answer = await LongAnswer.start(page, rill);
  const move = (px: number) => answer.log.evaluate((log, by) => log.scrollBy(0, by), px);
  await move(-2);
  await answer.expectGrowsFollowed();
  await move(-40);
  await answer.expectGrowsUnseen();
  await answer.log.evaluate((log) => log.scrollTo(0, log.scrollHeight - log.clientHeight - 50));
  await expect(answer.pill).toHaveCount(0);
  await answer.expectGrowsFollowed();
});

test('a match found in the page stays in view while the answer continues', async ({ page, rill }) => {
  const answer = await LongAnswer.start(page, rill);
  expect(await findInPage(page, 'Paragraph 3 is')).toBe(true);
  await expect(answer.paragraph(3)).toBeInViewport();
  await answer.expectGrowsUnseen();
  await expect(answer.paragraph(3)).toBeInViewport();
});

test('a selection in the text is not scrolled away from the pointer', async ({ page, rill }) => {
  const answer = await LongAnswer.start(page, rill);
  const box = await (await answer.topParagraph()).boundingBox();
  if (!box) throw new Error('No paragraph is in view.');
  await page.mouse.move(box.x + 1, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x + 200, box.y + 10, { steps: 4 });
  const topPx = await answer.scrollTop();
  await answer.grow();
  expect(await answer.scrollTop()).toBe(topPx);
  await page.mouse.up();
  await answer.grow();
  expect(await answer.scrollTop()).toBe(topPx);
  expect(await page.evaluate(() => getSelection()?.toString().length)).toBeGreaterThan(5);
  await expect(answer.pill).toBeVisible();
});

test('content that grows or shrinks above the text in view does not move it', async ({ page, rill }) => {
  const answer = await LongAnswer.start(page, rill);
  const resize = (height: string) =>
    answer.paragraph(2).evaluate((element, value) => {
      element.style.minHeight = value;
    }, height);
  await resize('500px');
  await answer.expectAtEnd();
  await answer.log.hover();
  await page.mouse.wheel(0, -30);
  await answer.stillness();
  const top = await answer.topParagraph();
  const before = await top.boundingBox();
  for (const height of ['0', '400px']) {
    await resize(height);
    await answer.stillness();
    expect(await top.boundingBox()).toEqual(before);
  }
  await answer.expectGrowsUnseen();
});

for (const [position, upPx] of [
  ['at the end', 0],
  ['above it', 80],
] as const) {
  test(`a disclosure that opens or closes ${position} stays under the pointer`, async ({ page, rill }) => {
    const reasoning = `${'The reader wants to know about tides. '.repeat(30)}\n\n`.repeat(3);
    rill.simulator.nextScript('demo/quick', [{ delta: 'Tides are long waves. '.repeat(200) }]);
    rill.simulator.nextScript('demo/quick', [
      { reasoning },
      { delta: 'Short. '.repeat(150) },
      { hold: 'more' },
      { delta: 'Much more. '.repeat(600) },
    ]);
    const chat = new ChatPage(page);
    await chat.open();
    await chat.send('What are tides?');
    await chat.settled();
    await chat.send('Why?');
    await expect(chat.lastAnswer).toContainText('Short.');
    const log = page.getByRole('log');
    const toggle = chat.lastAnswer.getByRole('button', { name: /^Th(inking|ought)/ });
    await log.evaluate((element, px) => element.scrollBy(0, -px), upPx);
    await toggle.hover();
    const before = await toggle.boundingBox();
    for (const isExpanded of [true, false, true, false]) {
      await page.mouse.down();
      await page.mouse.up();
      await expect(toggle).toHaveAttribute('aria-expanded', String(isExpanded));
      await someFrames(page);
      expect(await toggle.boundingBox()).toEqual(before);
    }
  });
}

test('the end and the composer stay in view when the keyboard takes half of the screen', async ({
  page,
  rill,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const answer = await LongAnswer.start(page, rill);
  await page.setViewportSize({ width: 390, height: 480 });
  await answer.expectAtEnd();
  await expect(answer.chat.composer).toBeInViewport({ ratio: 1 });
  await answer.expectGrowsFollowed();
  await page.setViewportSize({ width: 390, height: 844 });
  await answer.expectAtEnd();
});

test('with reduced motion the end is followed too, and nothing animates', async ({ page, rill }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const answer = await LongAnswer.start(page, rill);
  await answer.expectGrowsFollowed();
  expect(await runningAnimations(page)).toEqual([]);
});

/** Does what Ctrl+F does. `window.find` searches in the same way, but scrolls to the match only in a focused window. */
function findInPage(page: Page, words: string): Promise<boolean> {
  return page.evaluate((sought) => {
    const search: unknown = Reflect.get(window, 'find');
    const isFound = typeof search === 'function' && search.call(window, sought, false, false, true) === true;
    getSelection()?.anchorNode?.parentElement?.scrollIntoView({ block: 'center' });
    return isFound;
  }, words);
}

/** Waits long enough for every layout that follows an event to be drawn. */
function someFrames(page: Page): Promise<void> {
  return page.evaluate(
    () =>
      new Promise<void>((resolve) =>
        requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
      ),
  );
}

function runningAnimations(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    document.getAnimations().map((animation) => String(animation.effect?.getTiming().duration)),
  );
}

test('the turn above a deleted one comes into view, and Undo restores the deleted one', async ({
  page,
  rill,
}) => {
  const long = Array.from({ length: 40 }, (_, index) => `Part ${index} of the first answer.`).join('\n\n');
  rill.simulator.nextScript('demo/quick', [{ delta: long }], [{ delta: 'Short.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('One');
  await chat.settled();
  await chat.send('Two');
  await expect(chat.lastAnswer).toContainText('Short.');
  await chat.settled();
  await expect(page.getByText('Part 39 of the first answer.')).not.toBeInViewport();
  const own = page
    .getByRole('article')
    .filter({ has: page.getByRole('heading', { name: 'You' }) })
    .last();
  await own.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete, with all below it' }).click();
  await expect(chat.answers).toHaveCount(1);
  await expect(page.getByText('Part 39 of the first answer.')).toBeInViewport();
  await expect(page.getByText('Part 30 of the first answer.')).toBeInViewport();
  await page.keyboard.press('Control+z');
  await expect(chat.lastAnswer).toContainText('Short.');
  await expect(chat.lastAnswer).toBeInViewport();
});
