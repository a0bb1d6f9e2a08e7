import { fuzzDrafts, fuzzToken } from './draftFuzz/draftRounds.ts';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

test('a draft is the same in another browser, which reports it when both write', async ({
  page,
  browser,
  rill,
}) => {
  const first = new ChatPage(page);
  await first.open();
  await first.send('Hello');
  await first.settled();
  await first.composer.fill('Begun at the desk');
  const phone = new ChatPage(
    await browser.newPage({ baseURL: rill.url, viewport: { width: 390, height: 844 } }),
  );
  await phone.open(new URL(page.url()).pathname);
  await expect(phone.composer).toHaveValue('Begun at the desk');
  await phone.composer.fill('Begun at the desk, ended on the phone');
  await expect
    .poll(async () => {
      const note = first.page.getByRole('textbox', { name: 'Text from elsewhere' });
      const texts = [await first.composer.inputValue()];
      if (await note.isVisible()) texts.push(await note.inputValue());
      return texts;
    })
    .toContain('Begun at the desk, ended on the phone');
  await phone.page.close();
});

test.describe('whatever happens to the page', () => {
  test.use({ rillOptions: { environment: { RILL_ACCESS_TOKEN: fuzzToken } } });

  test('no text is lost that was typed half a second before', async ({ browser, rill }) => {
    expect(await fuzzDrafts({ rill, browser, seed: 7, rounds: 7 })).toEqual([]);
  });
});
