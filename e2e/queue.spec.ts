import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

test('messages queued in one chat wait there when its answer fails, in another browser as well', async ({
  page,
  browser,
  rill,
}) => {
  rill.simulator.nextScript('demo/quick', [{ delta: 'Before' }]);
  rill.simulator.nextScript('demo/quick', [
    { delta: 'Half of it' },
    { hold: 'failure' },
    { error: { code: 500, message: 'Broken.' } },
  ]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Another chat');
  await chat.settled();
  const otherUrl = page.url();
  await chat.open(new URL(otherUrl).pathname.replace(/\/chats\/.*/, '/new'));
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('Half of it');
  const path = new URL(page.url()).pathname;
  for (const content of ['One', 'Two', 'Three']) await chat.send(content);
  const queueOf = (of: ChatPage) => of.page.getByRole('region', { name: 'Queued messages' });
  await expect(queueOf(chat).getByRole('listitem')).toHaveCount(3);
  await page
    .locator(`a[href="${new URL(otherUrl).pathname}"]`)
    .first()
    .click();
  await expect(page).toHaveURL(otherUrl);
  await expect(queueOf(chat)).toHaveCount(0);
  rill.simulator.release('failure');

  const phone = new ChatPage(
    await browser.newPage({ baseURL: rill.url, viewport: { width: 390, height: 844 } }),
  );
  await phone.open(path);
  await expect(queueOf(phone)).toContainText('Paused. The answer before failed.');
  await expect(queueOf(phone).getByRole('listitem')).toHaveText([/^One/, /^Two/, /^Three/]);
  await page.goBack();
  await expect(queueOf(chat)).toContainText('Paused.');
  await expect(chat.answers).toHaveCount(1);

  // Reordered with the keyboard, and resumed on the phone: the other browser follows.
  await queueOf(phone).getByRole('listitem').last().getByRole('button', { name: 'Up' }).press('Enter');
  await expect(queueOf(chat).getByRole('listitem')).toHaveText([/^One/, /^Three/, /^Two/]);
  rill.simulator.script('demo/quick', [{ delta: 'An answer.' }]);
  await queueOf(phone).getByRole('button', { name: 'Resume' }).click();
  await expect(chat.answers).toHaveCount(4);
  await expect(chat.page.getByRole('log')).toContainText(/One.*Three.*Two/s);
  await expect(queueOf(chat)).toHaveCount(0);
  await phone.page.close();
});

test('a message queued while the server is gone is kept, and sent once when the server is back', async ({
  page,
  rill,
}) => {
  rill.simulator.nextScript('demo/quick', [{ delta: 'Half of it' }, { hold: 'end' }]);
  rill.simulator.script('demo/quick', [{ delta: 'The second answer.' }]);
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await expect(chat.lastAnswer).toContainText('Half of it');
  await page.context().setOffline(true);
  await chat.send('And why?');
  const queue = page.getByRole('region', { name: 'Queued messages' });
  await expect(queue).toContainText('Kept here until the server has it.');
  await page.context().setOffline(false);
  await expect(queue).toContainText('Sent when this answer is complete.');
  rill.simulator.release('end');
  await expect(chat.answers).toHaveCount(2);
  await expect(chat.lastAnswer).toContainText('The second answer.');
  await expect(page.getByRole('log').getByText('And why?', { exact: true })).toHaveCount(1);
});

test('of two messages that two tabs send at once, the second waits for the answer to the first', async ({
  page,
  context,
  rill,
}) => {
  const chat = new ChatPage(page);
  await chat.open();
  await chat.send('Hello');
  await chat.settled();
  const other = new ChatPage(await context.newPage());
  await other.open(new URL(page.url()).pathname);
  await expect(other.answers).toHaveCount(1);
  rill.simulator.nextScript('demo/quick', [{ delta: 'To the first' }, { hold: 'first' }]);
  rill.simulator.nextScript('demo/quick', [{ delta: 'To the second' }]);
  // Both are sent before either tab knows of the other's. One tab sends for all.
  const firstIsAnswered = Promise.withResolvers<void>();
  await context.route('**/messages/stream', async (route) => {
    if (route.request().postData()?.includes('Second')) await firstIsAnswered.promise;
    await route.continue();
  });
  await other.send('Second');
  await expect(other.page.getByRole('log')).toContainText('Second');
  await chat.send('First');
  await expect(chat.lastAnswer).toContainText('To the first');
  firstIsAnswered.resolve();
  for (const tab of [chat, other]) {
    const queue = tab.page.getByRole('region', { name: 'Queued messages' });
    await expect(queue.getByRole('listitem')).toHaveText([/^Second/]);
  }
  rill.simulator.release('first');
  for (const tab of [chat, other]) {
    await expect(tab.lastAnswer).toContainText('To the second');
    await expect(tab.page.getByRole('log')).toContainText(/First.*To the first.*Second.*To the second/s);
    await expect(tab.page.getByText(/^Not sent/)).toHaveCount(0);
  }
});
