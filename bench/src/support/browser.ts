/** Opens the headless Chromium in which pages are measured, the same as in the tests. */
import { type Browser, chromium } from '@playwright/test';
import { chromiumFlags } from '../../../e2e/support/chromiumFlags.ts';
import { findChromium } from '../../../scripts/findChromium.ts';

export const openBrowser = async (): Promise<Browser> =>
  chromium.launch({ executablePath: await findChromium(), args: chromiumFlags });
