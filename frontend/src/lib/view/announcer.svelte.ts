/** What the two live regions say. Messages leave after a second, so that they are never found and read twice. */
import type { ChatNotice } from '../chat/chatNotice.ts';
import { countWords } from './format.ts';
import { text } from './text.ts';

const clearAfterMs = 1000;

export class Announcer {
  polite = $state('');
  assertive = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;

  announce(notice: ChatNotice): void {
    if (notice.type === 'failure') this.assertive = notice.message;
    else this.polite = sentence(notice);
    this.#clearLater();
  }

  say(words: string): void {
    this.polite = words;
    this.#clearLater();
  }

  #clearLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.polite = '';
      this.assertive = '';
    }, clearAfterMs);
  }
}

function sentence(notice: Exclude<ChatNotice, { type: 'failure' }>): string {
  switch (notice.type) {
    case 'answer-started':
      return text.announce.answerStarted;
    case 'reconnected':
      return text.announce.reconnected;
    case 'queued':
      return text.announce.queued(notice.position);
    case 'answer-ended':
      return notice.status === 'cancelled'
        ? text.announce.answerCancelled
        : text.announce.answerComplete(countWords(notice.content));
  }
}

export function createAnnouncer(): Announcer {
  return new Announcer();
}
