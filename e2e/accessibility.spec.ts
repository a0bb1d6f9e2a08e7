import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';
import { violationsOf } from './support/violations.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });

    test('axe finds nothing wrong with the empty, streaming, finished and failed page', async ({
      page,
      rill,
    }) => {
      rill.simulator.nextScript(
        'demo/quick',
        [
          { delta: '# Title\n\nText with `code` and a [link](https://example.com).\n\n' },
          { delta: '| a | b |\n| - | - |\n| 1 | 2 |\n\n```js\nlet x = 1;\n```\n\n' },
          { hold: 'streaming' },
          { delta: 'The end.' },
        ],
        [{ delta: 'Half' }, { error: { code: 502, message: 'gone' } }],
      );
      const chat = new ChatPage(page);
      await chat.open();
      expect(await violationsOf(page)).toEqual([]);
      await chat.send('Hello');
      await expect(chat.lastAnswer.getByRole('table')).toBeVisible();
      expect(await violationsOf(page)).toEqual([]);
      rill.simulator.release('streaming');
      await chat.settled();
      await expect(chat.lastAnswer).toContainText('The end.');
      expect(await violationsOf(page)).toEqual([]);
      await chat.send('Again');
      await expect(chat.lastAnswer).toContainText('The text so far is kept.');
      expect(await violationsOf(page)).toEqual([]);
    });
  });
}

test('a whole exchange works with the keyboard alone, and streaming never moves the focus', async ({
  page,
  rill,
}) => {
  rill.simulator.script('demo/quick', [{ delta: 'Some text.' }, { hold: 'more' }, { delta: ' More.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await expect(chat.composer).toBeFocused();
  await page.keyboard.type('Typed by hand');
  await page.keyboard.press('Enter');
  await expect(chat.lastAnswer).toContainText('Some text.');
  await expect(chat.composer).toBeFocused();
  await page.keyboard.type('The next one');
  rill.simulator.release('more');
  await chat.settled();
  await expect(chat.composer).toBeFocused();
  await expect(chat.composer).toHaveValue('The next one');
  await expect(page.getByRole('status')).toContainText('Answer complete');
});
