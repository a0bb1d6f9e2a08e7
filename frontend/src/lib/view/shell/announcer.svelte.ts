/** Holds the texts of the two live regions. A text is removed after a second, so that it is not read twice. */
import type { ChatNotice } from '../../chat/chatNotice.ts';
import { countWords } from '../strings/format.ts';
import { strings } from '../strings/strings.ts';

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
      return strings.announce.answerStarted;
    case 'reconnected':
      return strings.announce.reconnected;
    case 'server-lost':
      return strings.link.lost;
    case 'server-back':
      return strings.link.back;
    case 'new-version':
      return strings.link.outdated;
    case 'queued':
      return strings.announce.queued(notice.position);
    case 'answer-ended':
      return notice.status === 'cancelled'
        ? strings.announce.answerCancelled
        : strings.announce.answerComplete(countWords(notice.content));
  }
}
