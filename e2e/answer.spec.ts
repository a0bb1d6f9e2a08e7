import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

test('a message is answered, the text arrives in more than one paint, and all of it is saved', async ({
  page,
  rill,
}) => {
  rill.simulator.script('demo/quick', [
    { delta: 'The first part.' },
    { hold: 'second' },
    { delta: ' The second part.' },
    { hold: 'end' },
    { delta: '\n\n- one\n- two' },
  ]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello there');
  await expect(page.getByText('Hello there').first()).toBeVisible();
  await expect(chat.lastAnswer).toContainText('The first part.');
  await expect(chat.lastAnswer).not.toContainText('second');
  rill.simulator.release('second');
  await expect(chat.lastAnswer).toContainText('The first part. The second part.');
  await expect(chat.stopButton).toBeVisible();
  rill.simulator.release('end');
  await chat.settled();
  await expect(chat.lastAnswer.getByRole('list').first().getByRole('listitem')).toHaveText(['one', 'two']);
  await expect(chat.lastAnswer.getByRole('button', { name: /^About this answer/ })).toBeVisible();
  await page.reload();
  await expect(chat.lastAnswer).toContainText('The first part. The second part.');
  await expect(chat.lastAnswer.getByRole('list').first().getByRole('listitem')).toHaveText(['one', 'two']);
  expect(chat.complaints).toEqual([]);
});

test('stop keeps the text, says so, and closes the connection to the provider', async ({ page, rill }) => {
  rill.simulator.script('demo/quick', [
    { delta: 'Kept text' },
    { hold: 'for ever' },
    { delta: ' never sent' },
  ]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('Kept text');
  const request = await rill.simulator.waitForRequest((each) => each.path.endsWith('/chat/completions'));
  await chat.stopButton.click();
  await rill.simulator.waitForAbort(request);
  await chat.settled();
  await expect(chat.lastAnswer).toContainText('Kept text');
  await expect(chat.lastAnswer).toContainText('Stopped after 9 characters');
  await page.reload();
  await expect(chat.lastAnswer).toContainText('Kept text');
  await expect(chat.lastAnswer).toContainText('Stopped after 9 characters');
  expect(chat.complaints).toEqual([]);
});

test('Escape stops the answer', async ({ page, rill }) => {
  rill.simulator.script('demo/quick', [{ delta: 'Kept text' }, { hold: 'for ever' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('Kept text');
  await page.keyboard.press('Escape');
  await expect(chat.lastAnswer).toContainText('Stopped after 9 characters');
});

test('a reload in mid-answer shows the text so far and continues to the end', async ({ page, rill }) => {
  rill.simulator.script('demo/quick', [
    { delta: 'Before the reload.' },
    { hold: 'reloaded' },
    { delta: ' After the reload.' },
  ]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('Before the reload.');
  await page.reload();
  await expect(chat.lastAnswer).toContainText('Before the reload.');
  await expect(chat.stopButton).toBeVisible();
  rill.simulator.release('reloaded');
  await chat.settled();
  await expect(chat.lastAnswer).toContainText('Before the reload. After the reload.');
  await expect(chat.answers).toHaveCount(1);
});

test('a second tab on the same chat shows the same answer as it is written, and can stop it', async ({
  page,
  context,
  rill,
}) => {
  rill.simulator.script('demo/quick', [
    { delta: 'Seen by both.' },
    { hold: 'more' },
    { delta: ' And this.' },
    { hold: 'for ever' },
  ]);
  const first = new ChatPage(page);
  await first.open();
  await first.send('Hello');
  await expect(first.lastAnswer).toContainText('Seen by both.');
  const second = new ChatPage(await context.newPage());
  await second.open(new URL(page.url()).pathname);
  await expect(second.lastAnswer).toContainText('Seen by both.');
  rill.simulator.release('more');
  await expect(first.lastAnswer).toContainText('Seen by both. And this.');
  await expect(second.lastAnswer).toContainText('Seen by both. And this.');
  await second.stopButton.click();
  await expect(second.lastAnswer).toContainText('Stopped after 23 characters');
  await expect(first.lastAnswer).toContainText('Stopped after 23 characters');
});

test('a failed answer gives its reason in words, keeps its text, and can be tried again', async ({
  page,
  rill,
}) => {
  rill.simulator.nextScript('demo/quick', [
    { delta: 'Half of a sent' },
    { error: { code: 502, message: 'Provider went away' } },
  ]);
  rill.simulator.script('demo/quick', [{ delta: 'A whole sentence.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await chat.settled();
  await expect(chat.lastAnswer).toContainText('Half of a sent');
  await expect(chat.lastAnswer).toContainText('The model provider is not reachable or failed');
  await chat.lastAnswer.getByRole('button', { name: 'Retry' }).click();
  await expect(chat.lastAnswer).toContainText('A whole sentence.');
  await expect(chat.lastAnswer).toContainText('2 / 2');
  await chat.lastAnswer.getByRole('button', { name: 'Previous version' }).click();
  await expect(chat.lastAnswer).toContainText('Half of a sent');
});

test('reasoning is shown apart from the answer, folded', async ({ page, rill }) => {
  rill.simulator.script('demo/quick', [
    { reasoning: 'First I think.' },
    { hold: 'thought' },
    { delta: 'Then I answer.' },
  ]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer.getByRole('button', { name: /^Thinking/ })).toBeVisible();
  rill.simulator.release('thought');
  await chat.settled();
  const disclosure = chat.lastAnswer.getByRole('button', { name: /^Thought/ });
  await expect(disclosure).toHaveAttribute('aria-expanded', 'false');
  await disclosure.click();
  await expect(chat.lastAnswer).toContainText('First I think.');
});
