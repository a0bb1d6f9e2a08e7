/** Drives a chat whose one answer is longer than the view and arrives in parts, and checks what a reader sees of it. */
import { type CDPSession, expect, type Locator, type Page } from '@playwright/test';
import { ChatPage } from './chatPage.ts';
import type { Rill } from './startRill.ts';

const paragraphsPerPart = 30;

/** Numbered from 1 through all parts, so that a test can identify each paragraph. */
const paragraph = (number: number): string =>
  `Paragraph ${number} is about the long waves that the Moon and the Sun raise in the oceans, twice a day.`;

function part(index: number): string {
  const numbers = Array.from(
    { length: paragraphsPerPart },
    (_, offset) => index * paragraphsPerPart + offset + 1,
  );
  return `${numbers.map(paragraph).join('\n\n')}\n\n`;
}

export class LongAnswer {
  readonly chat: ChatPage;
  /** The scroll container. */
  readonly log: Locator;
  readonly pill: Locator;
  readonly #page: Page;
  readonly #rill: Rill;
  #parts = 1;

  private constructor(page: Page, rill: Rill) {
    this.#page = page;
    this.#rill = rill;
    this.chat = new ChatPage(page);
    this.log = page.getByRole('log');
    this.pill = page.getByRole('button', { name: /new words? below$/ });
  }

  /** Opens the page, sends a message and resolves when the first part is drawn. */
  static async start(page: Page, rill: Rill, reasoning = ''): Promise<LongAnswer> {
    const answer = new LongAnswer(page, rill);
    const parts = Array.from({ length: 6 }, (_, index) => index).flatMap((index) => [
      { delta: part(index) },
      { hold: `part ${index + 1}` },
    ]);
    rill.simulator.nextScript('demo/quick', reasoning === '' ? parts : [{ reasoning }, ...parts]);
    await answer.chat.open();
    // Not with Enter, which begins a new line on a touch screen.
    await answer.chat.composer.fill('Tell me about tides');
    await answer.chat.sendButton.click();
    await expect(answer.paragraph(paragraphsPerPart)).toBeAttached();
    await answer.expectAtEnd();
    return answer;
  }

  paragraph(number: number): Locator {
    return this.#page.getByText(new RegExp(`^Paragraph ${number} is`));
  }

  /** The first paragraph in view. */
  async topParagraph(): Promise<Locator> {
    const number = await this.log.evaluate((log) => {
      const topPx = log.getBoundingClientRect().top;
      const paragraphs = [...log.querySelectorAll('.message-body p')];
      const top = paragraphs.find((element) => element.getBoundingClientRect().top >= topPx);
      return Number(/\d+/.exec(top?.textContent ?? '')?.[0]);
    });
    return this.paragraph(number);
  }

  /** Releases the next part and resolves when it is drawn. */
  async grow(): Promise<void> {
    this.#rill.simulator.release(`part ${this.#parts}`);
    this.#parts += 1;
    await expect(this.paragraph(this.#parts * paragraphsPerPart)).toBeAttached();
  }

  async expectAtEnd(): Promise<void> {
    await expect.poll(() => this.distanceToEnd()).toBeLessThan(2);
  }

  distanceToEnd(): Promise<number> {
    return this.log.evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop);
  }

  scrollTop(): Promise<number> {
    return this.log.evaluate((log) => log.scrollTop);
  }

  /** Resolves when the container did not move for two frames; a browser may scroll smoothly after a key or a wheel. */
  async stillness(): Promise<void> {
    await this.log.evaluate(
      (log) =>
        new Promise<void>((resolve) => {
          let topPx = log.scrollTop;
          let stillFrames = 0;
          const look = () => {
            stillFrames = log.scrollTop === topPx ? stillFrames + 1 : 0;
            topPx = log.scrollTop;
            if (stillFrames > 5) resolve();
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        }),
    );
  }

  /** Expects that the text in view does not move while a part arrives, and that the button about it shows. */
  async expectGrowsUnseen(): Promise<void> {
    await this.stillness();
    const top = await this.topParagraph();
    const before = await top.boundingBox();
    await this.grow();
    expect(await top.boundingBox()).toEqual(before);
    await expect(this.pill).toBeVisible();
  }

  /** Expects that the end stays in view while a part arrives. */
  async expectGrowsFollowed(): Promise<void> {
    await this.grow();
    await this.expectAtEnd();
    await expect(this.pill).toHaveCount(0);
  }
}

/** Drags with one finger; positive is downwards, which shows earlier text. */
export async function drag(session: CDPSession, log: Locator, downPx: number): Promise<void> {
  const box = await log.boundingBox();
  if (!box) throw new Error('The transcript is not shown.');
  const x = box.x + box.width / 2;
  const fromPx = box.y + box.height / 2 - downPx / 2;
  const steps = 8;
  const touch = (type: 'touchStart' | 'touchMove', y: number) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: [{ x, y }] });
  await touch('touchStart', fromPx);
  for (let step = 1; step <= steps; step += 1) await touch('touchMove', fromPx + (step * downPx) / steps);
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}
