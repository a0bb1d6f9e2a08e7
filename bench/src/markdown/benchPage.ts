/** Opens a fresh page for each cell and reads the DevTools counters of the page's main thread. */
import { writeFile } from 'node:fs/promises';
import type { Browser, CDPSession, Page } from '@playwright/test';
import type { Shown, StreamReply, StreamRequest } from './page/pageApi.ts';

/** CPU time of the main thread so far, in milliseconds. */
export interface MainThreadTimes {
  readonly scriptMs: number;
  readonly styleMs: number;
  readonly layoutMs: number;
  /** Everything, including painting and the times above. */
  readonly taskMs: number;
}

export class BenchPage {
  readonly #page: Page;
  readonly #devTools: CDPSession;

  private constructor(page: Page, devTools: CDPSession) {
    this.#page = page;
    this.#devTools = devTools;
  }

  static async open(browser: Browser, url: string): Promise<BenchPage> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(url);
    await page.waitForFunction(() => window.bench !== undefined);
    const devTools = await page.context().newCDPSession(page);
    // Thread time, so that other work on the machine does not count.
    await devTools.send('Performance.enable', { timeDomain: 'threadTicks' });
    return new BenchPage(page, devTools);
  }

  async close(): Promise<void> {
    await this.#page.close();
  }

  start(text: string): Promise<void> {
    return this.#page.evaluate((document) => window.bench?.start(document), text);
  }

  skipTo(characters: number): Promise<void> {
    return this.#page.evaluate((count) => window.bench?.skipTo(count), characters);
  }

  async stream(request: StreamRequest): Promise<StreamReply> {
    return present(await this.#page.evaluate((wanted) => window.bench?.stream(wanted), request));
  }

  async finish(): Promise<Shown> {
    return present(await this.#page.evaluate(() => window.bench?.finish()));
  }

  async times(): Promise<MainThreadTimes> {
    const { metrics } = await this.#devTools.send('Performance.getMetrics');
    const ms = (name: string) => (metrics.find((metric) => metric.name === name)?.value ?? Number.NaN) * 1000;
    return {
      scriptMs: ms('ScriptDuration'),
      styleMs: ms('RecalcStyleDuration'),
      layoutMs: ms('LayoutDuration'),
      taskMs: ms('TaskDuration'),
    };
  }

  async startProfile(): Promise<void> {
    await this.#devTools.send('Profiler.enable');
    await this.#devTools.send('Profiler.setSamplingInterval', { interval: 200 });
    await this.#devTools.send('Profiler.start');
  }

  async writeProfile(path: string): Promise<void> {
    const { profile } = await this.#devTools.send('Profiler.stop');
    await writeFile(path, JSON.stringify(profile));
  }
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('The page has no contender.');
  return value;
}
