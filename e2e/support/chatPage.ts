/** Uses the chat page as a user does: by labels and roles, never by class names. */
import { expect, type Locator, type Page } from '@playwright/test';

/** Caused by the tests themselves: tests that answer requests must see all of them. */
const blockedWorker = 'Service Worker registration blocked by Playwright';

export class ChatPage {
  readonly page: Page;
  readonly composer: Locator;
  readonly answers: Locator;
  /** Complaints of the browser, such as a blocked script; a healthy page has none. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    this.composer = page.getByRole('textbox', { name: 'Message', exact: true });
    this.answers = page.getByRole('article').filter({ has: page.getByRole('heading', { name: /^Answer/ }) });
    page.on('console', (message) => {
      const isComplaint = message.type() === 'error' || message.type() === 'warning';
      if (isComplaint && message.text() !== blockedWorker) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  async open(path = '/'): Promise<void> {
    await this.page.goto(path);
    await expect(this.composer).toBeVisible();
  }

  async send(content: string): Promise<void> {
    await this.composer.fill(content);
    await this.composer.press('Enter');
  }

  get lastAnswer(): Locator {
    return this.answers.last();
  }

  /** Opens the receipt of the last answer. */
  async openReceipt(): Promise<Locator> {
    await this.lastAnswer.getByRole('button', { name: /^About this answer/ }).click();
    return this.page.getByRole('dialog', { name: 'About this answer' });
  }

  get stopButton(): Locator {
    return this.page.getByRole('button', { name: 'Stop answer' });
  }

  get sendButton(): Locator {
    return this.page.getByRole('button', { name: 'Send message' });
  }

  /** Resolves when no answer is being written. */
  async settled(): Promise<void> {
    await expect(this.sendButton).toBeVisible();
  }
}
