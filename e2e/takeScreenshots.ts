/**
 * Takes pictures of all screens and states, on a desktop and a phone, in both themes: `npm run screenshots`. They are
 * for visual inspection: test-results/screenshots holds one file each. `-- --only tools` takes those of one part: chat,
 * page, tools, sign-in or states.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from '@playwright/test';
import { createServer } from 'vite';
import { chatScreens } from './screenshots/chatScreens.ts';
import { pageScreens } from './screenshots/pageScreens.ts';
import type { Screens } from './screenshots/screenStage.ts';
import { toolScreens } from './screenshots/toolScreens.ts';
import { ChatPage } from './support/chatPage.ts';
import { startRill } from './support/startRill.ts';

const folder = fileURLToPath(new URL('../test-results/screenshots/', import.meta.url));
const frontend = fileURLToPath(new URL('../frontend/', import.meta.url));
const devices = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
} as const;
/** No screen takes longer to appear; a busy machine is slow. */
const waitMs = 20_000;
const themes = ['light', 'dark'] as const;
const screensOfParts: Readonly<Record<string, Screens>> = {
  chat: chatScreens,
  page: pageScreens,
  tools: toolScreens,
};

/** Returns the screens that could not be shown; their pictures show the page at that moment instead. */
async function takeScreens(
  browser: Browser,
  screens: Screens,
  device: keyof typeof devices,
  colorScheme: 'light' | 'dark',
) {
  const failures: string[] = [];
  const rill = await startRill();
  try {
    const page = await browser.newPage({ colorScheme, baseURL: rill.url, ...devices[device] });
    page.setDefaultTimeout(waitMs);
    const stage = { page, chat: new ChatPage(page), rill, isPhone: device === 'phone' };
    for (const [name, show] of Object.entries(screens)) {
      const pictureName = `${name}-${device}-${colorScheme}`;
      try {
        await show(stage);
      } catch (error) {
        failures.push(`${pictureName}: ${error}`);
      }
      await take(page, pictureName);
    }
    await page.close();
  } finally {
    await rill.stop();
  }
  return failures;
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

/** Takes the states of an answer, which only the development server has. */
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
        await page.locator('main section[id]').first().waitFor();
        const ids = await page
          .locator('main section[id]')
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
const failures: string[] = [];
const { values } = parseArgs({ options: { only: { type: 'string' } } });
const isWanted = (part: string) => values.only === undefined || values.only === part;
try {
  for (const theme of themes) {
    for (const device of Object.keys(devices) as (keyof typeof devices)[]) {
      for (const [part, screens] of Object.entries(screensOfParts))
        if (isWanted(part)) failures.push(...(await takeScreens(browser, screens, device, theme)));
      if (isWanted('sign-in')) await takeSignIn(browser, device, theme);
    }
  }
  if (isWanted('states')) await takeStates(browser);
} finally {
  await browser.close();
}
if (failures.length > 0) {
  process.stderr.write(`${failures.join('\n')}\n`);
  process.exitCode = 1;
}
