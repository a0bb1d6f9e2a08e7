/** Tests that the tabs of a browser announce answers that ended unseen. */
import type { BrowserContext } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

declare global {
  interface Window {
    shownNotices: { title: string; silent: boolean; click(): void }[];
    setVisibility(visibility: DocumentVisibilityState): void;
  }
}

/**
 * Headless pages are all visible and show no notifications: a test sets the visibility and records the notifications.
 */
async function prepare(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    let shown: DocumentVisibilityState = 'visible';
    Object.defineProperty(document, 'visibilityState', { get: () => shown });
    window.setVisibility = (next) => {
      shown = next;
      document.dispatchEvent(new Event('visibilitychange'));
    };
    window.shownNotices = [];
    class KeptNotification {
      static readonly permission = 'granted';
      onclick: (() => void) | null = null;
      constructor(title: string, { silent = false }: NotificationOptions = {}) {
        window.shownNotices.push({ title, silent: silent === true, click: () => this.onclick?.() });
      }
      close(): void {
        // A notification that is not shown.
      }
    }
    Object.defineProperty(window, 'Notification', { value: KeptNotification });
  });
}

const noticesOf = async (tabs: readonly ChatPage[]) =>
  (
    await Promise.all(
      tabs.map(({ page }) => page.evaluate(() => window.shownNotices.map(({ title }) => title))),
    )
  ).flat();

test('an answer that ends unseen is announced once over all tabs, and opened by a click', async ({
  context,
  rill,
}) => {
  await prepare(context);
  rill.simulator.nextScript('demo/quick', [{ delta: 'First.' }]);
  rill.simulator.nextScript('demo/quick', [{ delta: 'Half' }, { hold: 'second' }, { delta: ' an answer.' }]);
  rill.simulator.nextScript('demo/quick', [{ delta: 'Third' }, { hold: 'third' }, { delta: ' answer.' }]);
  const first = new ChatPage(await context.newPage());
  await first.open('/');
  await first.send('Tides');
  await expect(first.lastAnswer).toContainText('First.');
  await first.settled();
  const path = new URL(first.page.url()).pathname;
  const tabs = [first];
  while (tabs.length < 3) {
    const tab = new ChatPage(await context.newPage());
    await tab.open(path);
    tabs.push(tab);
  }
  const elsewhere = tabs[2] ?? first;
  await elsewhere.page.getByRole('button', { name: 'New chat' }).first().click();
  await expect(elsewhere.answers).toHaveCount(0);
  await first.send('Again');
  await expect(first.lastAnswer).toContainText('Half');
  for (const tab of tabs.slice(0, 2)) await tab.page.evaluate(() => window.setVisibility('hidden'));

  rill.simulator.release('second');
  for (const { page } of tabs) await expect(page).toHaveTitle(/^● /);
  expect(await noticesOf(tabs)).toHaveLength(1);
  await expect(elsewhere.page.getByRole('img', { name: 'New answer' })).toBeVisible();
  expect(
    await first.page.evaluate(() => document.querySelector<HTMLLinkElement>('link[rel=icon]')?.href),
  ).toContain('unseenMark');
  const teller = await tellerOf(tabs);
  await teller.page.evaluate(() => {
    window.setVisibility('visible');
    window.shownNotices[0]?.click();
  });
  await expect(teller.lastAnswer).toContainText('Half an answer.');
  for (const { page } of tabs) await expect(page).not.toHaveTitle(/●/);

  await teller.send('Seen');
  await expect(teller.lastAnswer).toContainText('Third');
  rill.simulator.release('third');
  await expect(teller.lastAnswer).toContainText('Third answer.');
  await teller.settled();
  // All tabs have received the end.
  await expect(elsewhere.page.getByRole('img', { name: 'Answer is being written' })).toHaveCount(0);
  expect(await noticesOf(tabs)).toHaveLength(1);
  for (const tab of tabs) expect(tab.complaints).toEqual([]);
});

async function tellerOf(tabs: readonly ChatPage[]): Promise<ChatPage> {
  for (const tab of tabs) if (await tab.page.evaluate(() => window.shownNotices.length > 0)) return tab;
  throw new Error('No tab has told.');
}
