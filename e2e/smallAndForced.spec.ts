/** Tests what the user sees at 320 px or 400 % zoom, and with the system's forced colours. */
import { expect, type Page } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { cutOff } from './support/cutOff.ts';
import { test } from './support/rillTest.ts';

const word = 'Donaudampfschifffahrtsgesellschaftskapitaenswitwenrentenauszahlung';
const richText = [
  `# A heading with ${word}`,
  'Text with `some inline code that is longer than the screen is wide`, a [link](https://example.com/a/very/long/path) and **bold**.',
  '| First column | Second column | Third column | Fourth column |\n| - | - | - | -: |\n| one | two | three | 4,096 |',
  '```ts\nconst aLineOfCode = "that is far too long for a screen of 320 pixels and scrolls by itself";\n```',
  '- [x] done\n- [ ] to do\n\n> A quote.\n\n![A picture](https://example.com/picture.png)',
].join('\n\n');

async function fill(page: Page, rill: Parameters<Parameters<typeof test>[2]>[0]['rill']): Promise<ChatPage> {
  rill.simulator.nextScript('demo/quick', [{ reasoning: 'Hm. '.repeat(60) }, { delta: richText }]);
  rill.simulator.nextScript('demo/quick', [{ delta: 'Half' }, { error: { code: 502, message: 'gone' } }]);
  rill.simulator.nextScript('demo/quick', [{ delta: 'Still **being' }, { hold: 'for ever' }]);
  const chat = new ChatPage(page);
  await chat.open();
  for (const content of [`Why ${word}?`, 'Again']) {
    await chat.send(content);
    await chat.settled();
  }
  await expect(chat.lastAnswer).toContainText('The text so far is kept.');
  await chat.answers
    .first()
    .getByRole('button', { name: /^Thought/ })
    .click();
  await chat.send('And now?');
  await expect(chat.lastAnswer).toContainText('being');
  return chat;
}

for (const [name, size] of [
  ['at 400 % zoom of a screen of 1280 by 1024', { width: 320, height: 256 }],
  ['on a screen 320 px wide', { width: 320, height: 640 }],
] as const) {
  test(`nothing is cut off and everything can be reached ${name}`, async ({ page, rill }) => {
    await page.setViewportSize(size);
    const chat = await fill(page, rill);
    expect(await cutOff(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    expect(
      await page.getByRole('log').evaluate((log) => log.scrollWidth - log.clientWidth),
    ).toBeLessThanOrEqual(0);
    const table = page.getByRole('table');
    await table.getByText('4,096').scrollIntoViewIfNeeded();
    // Half a pixel is lost where positions are rounded.
    await expect(table.getByText('4,096')).toBeInViewport({ ratio: 0.95 });
    for (const control of [chat.composer, chat.stopButton, page.getByRole('button', { name: /^Model:/ })]) {
      await control.focus();
      await expect(control).toBeInViewport({ ratio: 1 });
    }
    const copy = chat.answers.first().getByRole('button', { name: 'Copy', exact: true }).last();
    await copy.focus();
    await expect(copy).toBeInViewport({ ratio: 1 });
  });
}

test('with forced colours, everything that is otherwise shown by colour alone is still visible', async ({
  page,
  rill,
}) => {
  await page.emulateMedia({ forcedColors: 'active' });
  const chat = await fill(page, rill);
  const canvas = await page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement('div'));
    probe.style.cssText = 'forced-color-adjust: none; background: Canvas';
    const colour = getComputedStyle(probe).backgroundColor;
    probe.remove();
    return colour;
  });
  const caret = chat.lastAnswer.locator('[data-caret]');
  const caretColour = () => caret.evaluate((element) => getComputedStyle(element, '::after').backgroundColor);
  expect(await caretColour()).not.toBe(canvas);
  const pulse = chat.lastAnswer.locator('.status-pulse');
  await expect(pulse).toBeVisible();
  expect(await pulse.evaluate((element) => getComputedStyle(element).backgroundColor)).not.toBe(canvas);
  for (const bordered of [
    chat.stopButton,
    page.locator('.composer'),
    page.locator('.code-block'),
    page.locator('.bubble').first(),
  ]) {
    const { style, colour } = await bordered.evaluate((element) => {
      const { borderTopStyle, borderTopColor } = getComputedStyle(element);
      return { style: borderTopStyle, colour: borderTopColor };
    });
    expect(style).toBe('solid');
    expect(colour).not.toBe(canvas);
  }
  const link = chat.answers.first().getByRole('link', { name: 'link' });
  const { line, colour } = await link.evaluate((element) => {
    const { textDecorationLine, color } = getComputedStyle(element);
    return { line: textDecorationLine, colour: color };
  });
  expect(line).toBe('underline');
  expect(colour).not.toBe(canvas);
  await chat.composer.focus();
  await page.keyboard.press('Tab');
  for (let presses = 0; presses < 30; presses += 1) {
    const ring = await page.evaluate(() => {
      const focused = document.activeElement;
      if (!focused || focused === document.body) return null;
      // The ring of a control may be drawn by the box around it.
      const boxes = [focused, focused.closest('.composer, .segment')].filter((box) => box !== null);
      const rings = boxes.map((box) => getComputedStyle(box));
      const isSeen = rings.some(
        ({ outlineStyle, outlineWidth, outlineColor }) =>
          outlineStyle !== 'none' &&
          Number.parseFloat(outlineWidth) >= 1 &&
          !/^rgba\(.*, 0\)$/.test(outlineColor),
      );
      return isSeen ? 'seen' : focused.outerHTML.slice(0, 120);
    });
    if (ring !== null) expect(ring).toBe('seen');
    await page.keyboard.press('Shift+Tab');
  }
});
