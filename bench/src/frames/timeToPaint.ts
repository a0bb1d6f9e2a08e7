/**
 * Measures how long text takes from the socket to the screen: from the moment when the page reads the bytes of a
 * response to the end of the frame that paints them. The answer is plain words, so as many characters are drawn as were
 * read.
 */
import type { Page } from '@playwright/test';
import { startRill } from '../../../e2e/support/startRill.ts';
import { openBrowser } from '../support/browser.ts';

declare global {
  interface Window {
    /** Times from the bytes to the paint so far, one for each event with text. */
    paintedMs?: readonly number[];
  }
}

const words = ['stream', 'answer', 'reader', 'socket', 'frame', 'paint'];

/** The pace of a usual model. */
export const paintedTokensPerSecond = 60;

/** Streams `wordCount` words into an otherwise idle page. */
export async function timesToPaint(wordCount: number): Promise<number[]> {
  const rill = await startRill({
    environment: { RILL_DEFAULT_MODEL: 'demo/echo' },
    simulator: { tokensPerSecond: paintedTokensPerSecond },
  });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.addInitScript(watchPage);
    await page.goto(rill.url);
    await send(page, Array.from({ length: wordCount }, (_, index) => words[index % words.length]).join(' '));
    await page.getByRole('button', { name: 'Stop answer' }).waitFor();
    await page.getByRole('button', { name: 'Send message' }).waitFor({ timeout: 120_000 });
    return await page.evaluate(() => [...(window.paintedMs ?? [])]);
  } finally {
    await browser.close();
    await rill.stop();
  }
}

async function send(page: Page, text: string): Promise<void> {
  const composer = page.getByRole('textbox', { name: 'Message', exact: true });
  await composer.fill(text);
  await composer.press('Enter');
}

/** Runs in the page before its own code. */
function watchPage(): void {
  const paintedMs: number[] = [];
  window.paintedMs = paintedMs;
  /** Reads whose text is not painted yet: their times, and how much text had arrived by then. */
  const reads: { readonly atMs: number; readonly characters: number }[] = [];
  let readCharacters = 0;
  let drawnCharacters = 0;
  // The drawing may omit a space at the end.
  const characters = (text: string): number => text.replace(/\s/g, '').length;

  const { read } = ReadableStreamDefaultReader.prototype;
  ReadableStreamDefaultReader.prototype.read = async function (this: ReadableStreamDefaultReader) {
    const result = await read.call(this);
    const atMs = performance.now();
    for (const [, data = ''] of new TextDecoder()
      .decode(result.value)
      .matchAll(/^data: (\{"content":.*)$/gm)) {
      readCharacters += characters(JSON.parse(data).content);
      reads.push({ atMs, characters: readCharacters });
    }
    return result;
  };

  new MutationObserver(() => {
    drawnCharacters = characters(document.querySelector('.message-body')?.textContent ?? '');
  }).observe(document, { subtree: true, childList: true, characterData: true });

  // A message posted in a frame arrives as soon as that frame is painted.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const nowMs = performance.now();
    while (reads[0] && reads[0].characters <= drawnCharacters) {
      paintedMs.push(nowMs - reads[0].atMs);
      reads.shift();
    }
  };
  const onFrame = (): void => {
    port2.postMessage(null);
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
}
