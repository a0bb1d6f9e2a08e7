/**
 * Tests the web search: off by default, turned on by one press, with the name of the recipient, and with sources under
 * the answer.
 */
import { exaSearch, nativeSearch } from '@rill/simulator';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';
import { violationsOf } from './support/violations.ts';

test('a key turns it on: the first message searches, its sources are a row that expands, and nothing is fetched for them', async ({
  page,
  rill,
}) => {
  const chat = new ChatPage(page);
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(rill.url) && !request.url().startsWith('data:'))
      foreign.push(request.url());
  });
  await chat.open();
  const toggle = page.getByRole('button', { name: 'Web search' });
  await expect(toggle).toHaveAttribute('aria-pressed', 'false');
  await page.keyboard.press('Alt+w');
  await expect(toggle).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByText('OpenRouter and third parties see what the model looks up')).toBeVisible();
  await expect(chat.composer).toBeFocused();

  const found = exaSearch('High water comes twice a day.');
  rill.simulator.nextScript('demo/quick', [{ hold: 'search' }, ...found]);
  await chat.send('When is high water?');
  await expect(page.getByText(/Searching or thinking, \d+ s/)).toBeVisible();
  rill.simulator.release('search');
  await expect(chat.lastAnswer).toContainText('High water comes twice a day.');
  await chat.settled();

  const row = page.getByText(
    'Sources: tides.example.org, harbour.example.net, almanac.example.com and 1 more',
  );
  await expect(row).toBeVisible();
  await expect(page.getByRole('link', { name: 'Tide tables' })).toHaveCount(0);
  await row.click();
  const sources = chat.lastAnswer.locator('.sources li');
  await expect(sources).toHaveCount(4);
  await expect(sources.first()).toContainText('High water comes twice a day. [...] Springs follow the moon.');
  await expect(sources.nth(1).getByRole('link')).toHaveText('harbour.example.net');
  await expect(sources.first().getByRole('link')).toHaveAttribute('rel', 'noopener noreferrer');
  await page.getByRole('button', { name: /^About this answer/ }).click();
  await expect(page.getByText('1 search, $0.0070')).toBeVisible();
  await page.keyboard.press('Escape');
  expect(foreign).toEqual([]);

  // It stays on for the chat, also after a reload, until it is turned off.
  await page.reload();
  await expect(toggle).toHaveAttribute('aria-pressed', 'true');
  rill.simulator.nextScript('demo/quick', nativeSearch('And low water too.', 2));
  await chat.send('And low water?');
  await expect(page.getByText('Searched the web 2 times. No sources were named.')).toBeVisible();
  await chat.settled();
  await toggle.click();
  await expect(toggle).toHaveAttribute('aria-pressed', 'false');
  await chat.send('Thank you');
  await chat.settled();
  const tools = rill.simulator.requests
    .filter(({ model }) => model === 'demo/quick')
    .map(({ body }) => (body !== null && typeof body === 'object' && 'tools' in body ? 'web' : 'none'));
  expect(tools).toEqual(['web', 'web', 'none']);
});

test('a search of 40 s is shown as a search, and its answer still arrives', async ({ page, rill }) => {
  await page.clock.install();
  const chat = new ChatPage(page);
  await chat.open();
  await page.keyboard.press('Alt+w');
  rill.simulator.nextScript('demo/quick', [
    { raw: ': OPENROUTER PROCESSING\n\n'.repeat(40) },
    { hold: 'long search' },
    ...exaSearch('High water comes twice a day.'),
  ]);
  await chat.send('When is high water?');
  await rill.simulator.waitForHold('long search');
  await page.clock.fastForward(40_000);
  await expect(page.getByText(/Still searching or thinking, 4\d s/)).toBeVisible();
  rill.simulator.release('long search');
  await expect(chat.lastAnswer).toContainText('High water comes twice a day.');
  await chat.settled();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the switch, the hint and the sources are accessible on a phone, ${colorScheme}`, async ({
    page,
    rill,
  }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 390, height: 844 });
    const chat = new ChatPage(page);
    await chat.open();
    await page.getByRole('button', { name: 'Web search' }).click();
    rill.simulator.nextScript('demo/quick', exaSearch('High water comes twice a day.'));
    await chat.send('When is high water?');
    await chat.settled();
    await page.getByText(/^Sources: /).click();
    await expect(page.getByRole('link', { name: 'Tide tables' })).toBeVisible();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(390);
    expect(await violationsOf(page)).toEqual([]);
  });
}
