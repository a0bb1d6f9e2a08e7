/** Tracks the answers that ended unseen, and decides when to ask for permission to show browser notifications. */
import { EndedRuns, type FeedListener, type TabState, type UnseenEnd } from '@rill/client/source';
import type { FeedEvent, Run } from '@rill/protocol';

/** Shows notifications outside of the page. */
export interface OutsideNotices {
  /** True while the browser allows it and the user has decided nothing yet. */
  canAsk(): boolean;
  /** Lets the browser ask the user, who has just clicked. */
  ask(): Promise<void>;
  /** Does nothing where it is not allowed. */
  show(run: Run): void;
}

export interface FinishedAnswersOptions {
  readonly tab: TabState;
  readonly notices: OutsideNotices;
  /** Whether the user was ever asked in this browser. */
  readonly wasAsked: { value: boolean };
}

/** Shortest answer, in milliseconds, that a user is expected to leave the page for. */
const longAnswerMs = 10_000;
/** Events that arrive later than this, as after a computer slept, are only marked. */
const noticeMaxAgeMs = 120_000;

export class FinishedAnswers {
  /** True while the question is on the page. */
  isAsking = $state(false);
  #unseen = $state.raw<readonly Run[]>([]);
  readonly #options: FinishedAnswersOptions;
  readonly #ended: EndedRuns;

  constructor(options: FinishedAnswersOptions) {
    this.#options = options;
    this.#ended = new EndedRuns(options.tab, {
      onUnseenEnd: (end) => this.#takeUnseen(end),
      onSeen: (chatId) => this.#drop((run) => run.chatId === chatId),
    });
  }

  get hasUnseen(): boolean {
    return this.#unseen.length > 0;
  }

  /** Sets which chat the page shows. */
  show(chatId: string | null): void {
    this.#ended.show(chatId);
  }

  /** Wraps the listener, so that this one gets every event first. */
  hearing(listener: FeedListener): FeedListener {
    return {
      ...listener,
      onEvent: (event, isReader) => {
        this.#takeNews(event, isReader);
        listener.onEvent(event, isReader);
      },
    };
  }

  /** Notes that the question was shown: it is not asked again, here or in another tab. */
  noteAsked(): void {
    this.#options.wasAsked.value = true;
  }

  /** Resolves when the user has answered the browser's question. */
  async allow(): Promise<void> {
    this.isAsking = false;
    await this.#options.notices.ask();
  }

  dispose(): void {
    this.#ended.dispose();
  }

  #takeNews(event: FeedEvent, isReader: boolean): void {
    if (event.type === 'chat-delete') this.#drop(({ chatId }) => chatId === event.data.chatId);
    else if (event.type === 'project-delete')
      this.#drop(({ projectId }) => projectId === event.data.projectId);
    if (event.type !== 'run-change') return;
    const { run } = event.data;
    // The user has returned to the tab.
    if (run.endedAtMs === null) this.#drop(({ chatId }) => chatId === run.chatId);
    else if (run.state !== 'cancelled') void this.#ended.take(run, isReader);
  }

  #takeUnseen({ run, isTeller, wasHidden }: UnseenEnd): void {
    this.#unseen = [...this.#unseen.filter(({ chatId }) => chatId !== run.chatId), run];
    const { notices, wasAsked } = this.#options;
    const endedAtMs = run.endedAtMs ?? run.createdAtMs;
    if (isTeller && Date.now() - endedAtMs < noticeMaxAgeMs) notices.show(run);
    const isLong = endedAtMs - run.createdAtMs > longAnswerMs;
    if (isLong && wasHidden && !wasAsked.value && notices.canAsk()) this.isAsking = true;
  }

  #drop(isSeen: (run: Run) => boolean): void {
    if (this.#unseen.some(isSeen)) this.#unseen = this.#unseen.filter((run) => !isSeen(run));
  }
}
