/**
 * Takes pictures of all screens and states, on a desktop and a phone, in both themes: `npm run screenshots`. They are for
 * looking at: test-results/screenshots holds one file each.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from '@playwright/test';
import { createServer } from 'vite';
import { ChatPage } from './support/chatPage.ts';
import { type Rill, startRill } from './support/startRill.ts';

const folder = fileURLToPath(new URL('../test-results/screenshots/', import.meta.url));
const frontend = fileURLToPath(new URL('../frontend/', import.meta.url));
const model = 'demo/quick';
const devices = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
} as const;
const themes = ['light', 'dark'] as const;

const answer = `Retry only what can succeed later, and wait longer each time.

## When to retry

| status | retry? | wait |
| --- | --- | --- |
| 429 | yes | what \`Retry-After\` says |
| 500, 502, 503 | yes | 1 s, 2 s, 4 s, … |
| 400, 401, 404 | no | |

### With jitter

Add **jitter**, so that clients do not come back all at once. See [the paper](https://example.com/jitter):

\`\`\`ts
// Full jitter: anywhere between nothing and the longest wait.
interface RetryOptions { readonly attempts: number }

export async function retry<Result>(send: () => Promise<Result>, { attempts }: RetryOptions): Promise<Result> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (attempt >= attempts) throw error;
      await wait(Math.random() * Math.min(30_000, 1_000 * 2 ** attempt));
    }
  }
}
\`\`\`

> Give up after five attempts, or when the user stops waiting.

- one thing
- another thing, with \`code\` in it
`;
const longQuestion = `How do I retry a request, and how long should I wait? This is what I have:

\`\`\`ts
await fetch(url);
\`\`\`

${Array.from({ length: 16 }, (_, index) => `- detail number ${index + 1} of the case`).join('\n')}`;

interface Stage {
  readonly page: Page;
  readonly chat: ChatPage;
  readonly rill: Rill;
  readonly isPhone: boolean;
}

/** By the button, which sends on a touch screen too. */
async function send({ chat }: Stage, content: string): Promise<void> {
  await chat.composer.fill(content);
  await chat.sendButton.click();
}

/** On a phone the sidebar is a sheet that Esc closes. */
async function openSidebar({ page, isPhone }: Stage): Promise<void> {
  await page.keyboard.press('Escape');
  const button = page.getByRole('button', { name: 'Open sidebar' });
  if (isPhone && (await button.isVisible())) await button.click();
}

/** Every screen by its name, in an order in which each can follow the one before. */
const screens: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'empty-chat': async ({ chat }) => chat.open(),
  'chat-short': async (stage) => {
    const { chat, rill } = stage;
    rill.simulator.nextScript(model, [{ delta: 'Because of the **scattering** of its light.' }]);
    await send(stage, 'Why is the sky blue?');
    await chat.settled();
  },
  'chat-streaming': async (stage) => {
    const { chat, rill } = stage;
    rill.simulator.nextScript(model, [
      { delta: answer.slice(0, 560) },
      { hold: 'more' },
      { delta: answer.slice(560) },
    ]);
    await send(stage, longQuestion);
    await chat.lastAnswer.getByText('come back all at once').waitFor();
  },
  'chat-draft-while-streaming': async ({ chat }) => {
    await chat.composer.fill(
      'And what if the server says nothing for a long time, longer than anyone would wait?',
    );
  },
  'chat-done': async ({ chat, rill }) => {
    await chat.composer.fill('');
    rill.simulator.release('more');
    await chat.settled();
    await chat.lastAnswer.getByText('another thing').scrollIntoViewIfNeeded();
  },
  'receipt-popover': async ({ chat }) => {
    await chat.openReceipt();
  },
  'context-panel': async ({ page }) => {
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^What the model gets:/ }).click();
    await page
      .getByRole('button', { name: /^Pin: / })
      .first()
      .waitFor();
  },
  'chat-middle': async ({ page, chat }) => {
    await page.keyboard.press('Escape');
    await chat.answers.last().getByText('When to retry').scrollIntoViewIfNeeded();
  },
  'model-picker': async ({ page }) => {
    await page.getByRole('button', { name: /^Model:/ }).click();
    await page.getByRole('listbox').waitFor();
  },
  'sidebar-menu': async (stage) => {
    const { page } = stage;
    await openSidebar(stage);
    await page
      .getByRole('button', { name: /^Actions for chat/ })
      .first()
      .click();
    await page.getByRole('menu').waitFor();
  },
  'delete-dialog': async (stage) => {
    const { page } = stage;
    await openSidebar(stage);
    await page
      .getByRole('button', { name: /^Actions for chat/ })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog', { name: 'Delete chat?' }).waitFor();
  },
  'sidebar-closed': async ({ page, isPhone }) => {
    await page.keyboard.press('Escape');
    if (!isPhone) await page.getByRole('button', { name: 'Close sidebar' }).click();
  },
  'project-page': async ({ page, rill }) => {
    const { projects } = await (await page.request.get(`${rill.url}/api/projects`)).json();
    await page.goto(`/projects/${projects[0].id}`);
    await page.getByRole('table', { name: 'Chats' }).waitFor();
  },
  settings: async ({ page }) => {
    await page.goto('/settings');
    await page.getByRole('heading', { name: 'Appearance' }).waitFor();
  },
  missing: async ({ page, chat }) => {
    await chat.page.goto('/nothing/here');
    await page.getByRole('heading', { name: /nothing at this address/ }).waitFor();
  },
};

async function takeScreens(browser: Browser, device: keyof typeof devices, colorScheme: 'light' | 'dark') {
  const rill = await startRill();
  try {
    const page = await browser.newPage({ colorScheme, baseURL: rill.url, ...devices[device] });
    const stage = { page, chat: new ChatPage(page), rill, isPhone: device === 'phone' };
    for (const [name, show] of Object.entries(screens)) {
      await show(stage);
      await take(page, `${name}-${device}-${colorScheme}`);
    }
    await page.close();
  } finally {
    await rill.stop();
  }
}

async function takeSignIn(browser: Browser, device: keyof typeof devices, colorScheme: 'light' | 'dark') {
  const rill = await startRill({
    environment: { RILL_ACCESS_TOKEN: 'a-token-of-a-good-length-for-a-picture' },
  });
  try {
    const page = await browser.newPage({ colorScheme, baseURL: rill.url, ...devices[device] });
    await page.goto('/');
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await take(page, `sign-in-${device}-${colorScheme}`);
    await page.close();
  } finally {
    await rill.stop();
  }
}

/** The states of an answer, which only the development server has. */
async function takeStates(browser: Browser): Promise<void> {
  const server = await createServer({
    root: frontend,
    configFile: join(frontend, 'vite.config.ts'),
    server: { port: 0 },
  });
  try {
    await server.listen();
    const [baseURL = ''] = server.resolvedUrls?.local ?? [];
    for (const colorScheme of themes) {
      for (const device of Object.keys(devices) as (keyof typeof devices)[]) {
        const page = await browser.newPage({ colorScheme, baseURL, ...devices[device] });
        await page.goto('/dev/states');
        const ids = await page
          .locator('main section')
          .evaluateAll((sections) => sections.map(({ id }) => id));
        for (const id of ids) {
          await page.goto(`/dev/states/${id}`);
          await page.locator(`section#${id}`).waitFor();
          await take(page, `states/${id}-${device}-${colorScheme}`);
        }
        await page.close();
      }
    }
  } finally {
    await server.close();
  }
}

async function take(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, 'states'), { recursive: true });
const executablePath = process.env.CHROMIUM_PATH;
const browser = await chromium.launch({
  args: ['--no-sandbox'],
  ...(executablePath ? { executablePath } : {}),
});
const isStatesOnly = process.argv.includes('--states');
const isScreensOnly = process.argv.includes('--screens');
try {
  for (const theme of isStatesOnly ? [] : themes) {
    for (const device of Object.keys(devices) as (keyof typeof devices)[]) {
      await takeScreens(browser, device, theme);
      await takeSignIn(browser, device, theme);
    }
  }
  if (!isScreensOnly) await takeStates(browser);
} finally {
  await browser.close();
}
