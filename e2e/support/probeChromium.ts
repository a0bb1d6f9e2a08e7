/** Starts a Chromium in the same way as the tests, to know before a run whether it works on this machine. */
import { chromium } from '@playwright/test';
import { chromiumFlags } from './chromiumFlags.ts';

/** Undefined when the browser starts headless and shows a page; else why not, in one line. */
export async function whyChromiumFails(
  executablePath: string,
  timeoutMs = 20_000,
): Promise<string | undefined> {
  try {
    const browser = await chromium.launch({ executablePath, args: chromiumFlags, timeout: timeoutMs });
    try {
      const page = await browser.newPage();
      await page.setContent('<p>ready</p>', { timeout: timeoutMs });
    } finally {
      await browser.close();
    }
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return text.split('\n', 1)[0] ?? 'no reason given';
  }
}

/** The path of Playwright's own Chromium, whether or not it exists. */
export const playwrightChromiumPath = (): string => chromium.executablePath();
