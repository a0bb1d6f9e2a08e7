import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

const model = 'demo/quick';
const code = Array.from({ length: 400 }, (_, index) => `const line${index} = ${index};`).join('\n');
const rows = Array.from({ length: 120 }, (_, index) => `| ${index} | word |`).join('\n');

test('the header of long code and of a long table stays in view, and Copy can be reached with the keyboard', async ({
  page,
  rill,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  rill.simulator.nextScript(model, [
    { delta: `\`\`\`ts\n${code}\n` },
    { hold: 'end' },
    { delta: `\`\`\`\n\n| number | name |\n| --- | --- |\n${rows}\n` },
    { finish: 'stop' },
  ]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Code, please.');
  const block = chat.lastAnswer.locator('figure');
  const copy = block.getByRole('button', { name: 'Copy code' });
  await expect(block).toContainText('const line398');
  const log = page.getByRole('log');
  const scrollToMiddle = (selector: string) =>
    log.evaluate((element, middle) => {
      element.dispatchEvent(new WheelEvent('wheel', { deltaY: -1 }));
      const box = element.querySelector(middle)?.getBoundingClientRect();
      if (box) element.scrollTop += box.top + box.height / 2 - element.clientHeight / 2;
    }, selector);
  await scrollToMiddle('figure');
  // While it is written and afterwards.
  await expect(copy).toBeInViewport();
  rill.simulator.release('end');
  await chat.settled();
  await scrollToMiddle('figure');
  await expect(copy).toBeInViewport();
  await block.getByRole('button', { name: 'Download', exact: true }).focus();
  await page.keyboard.press('Tab');
  await expect(copy).toBeFocused();
  await expect(copy).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(`${code}\n`);

  await scrollToMiddle('table');
  const head = chat.lastAnswer.getByRole('columnheader', { name: 'number' });
  await expect(head).toBeInViewport();
  const isOnTop = await head.evaluate((cell) => {
    const { left, top, width, height } = cell.getBoundingClientRect();
    return cell.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  });
  expect(isOnTop).toBe(true);
});

test('width and size of the text apply before the first paint of the next visit', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.open();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText('Wide', { exact: true }).click();
  await page.getByRole('slider').fill('20');
  await page.goBack();
  // None of the page's scripts are needed for it.
  await page.route('**/*.js', (route) =>
    /firstPaint/.test(route.request().url()) ? route.continue() : route.abort(),
  );
  await page.reload();
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe('20px');
  expect(await page.evaluate(() => document.documentElement.dataset.columnWidth)).toBe('wide');
});
