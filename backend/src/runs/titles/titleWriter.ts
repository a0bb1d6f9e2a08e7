/**
 * Names a chat with a small model after its first answer. A title never delays an answer: it is requested once the
 * answer is stored, and a chat that gets none keeps the title made from its question.
 */
import type { GenerationOptions, Message, ProviderRouting } from '@rill/protocol';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/database.ts';
import type { FeedWriter } from '../../delivery/feed/feeds.ts';
import type { LlmRequest, LlmService } from '../../llm/llmService.ts';
import type { ModelCatalog } from '../../llm/modelCatalog.ts';
import type { ChatKey } from '../../store/chats/chats.ts';
import { isUnnamed, nameChat } from '../../store/chats/chatTitles.ts';
import { insertTitleUsage } from '../../store/money/usageEntries.ts';
import { chooseTitleModel } from './chooseTitleModel.ts';
import { readTitle, titleRequest } from './titlePrompt.ts';

/** Titles written concurrently; further chats keep their first title. */
const maxAtOnce = 8;
const waitMs = 20_000;
const titleTokens = 64;
/** A reasoning model reasons before it writes. */
const reasoningTokens = 1000;

export interface TitleWriterOptions {
  readonly database: Database;
  readonly feeds: FeedWriter;
  readonly llm: Pick<LlmService, 'callLLM'>;
  readonly models: ModelCatalog;
  readonly clock: Clock;
  readonly closing: AbortSignal;
  readonly logger: { warn(fields: object, message: string): void };
  /** A model's id, `off`, or '' for the first small model that the provider lists. */
  readonly setting: string;
}

/** The first answer of a chat, and its question. */
export interface FirstAnswer extends ChatKey {
  readonly question: string;
  readonly answer: Message;
  /** The answer's routing: what keeps the question private also applies to the title. */
  readonly routing: ProviderRouting | undefined;
}

export class TitleWriter {
  readonly #options: TitleWriterOptions;
  readonly #writing = new Set<Promise<void>>();

  constructor(options: TitleWriterOptions) {
    this.#options = options;
  }

  /** Never throws. */
  consider(first: FirstAnswer): void {
    const { closing, logger, setting } = this.#options;
    if (setting === 'off' || closing.aborted || this.#writing.size >= maxAtOnce) return;
    const writing = this.#write(first)
      .catch((error: unknown) => {
        if (!closing.aborted) logger.warn({ chatId: first.chatId, err: error }, 'a chat was not named');
      })
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  /** Resolves when no title is being written. */
  async whenIdle(): Promise<void> {
    await Promise.all(this.#writing);
  }

  async #write({ question, answer, routing, ...key }: FirstAnswer): Promise<void> {
    const { clock, database, feeds, setting } = this.#options;
    const model = chooseTitleModel(setting, await this.#options.models.list());
    if (model === null || !(await isUnnamed(database.reader, key))) return;
    const messages = titleRequest(question, answer.content);
    const written = await this.#ask({ model, sessionId: key.chatId, messages, options: optionsOf(routing) });
    const isWhole = written.finishReason !== 'length';
    await database.transaction(async (transaction, afterCommit) => {
      const receipt = { model: written.model, usage: written.usage?.normalised ?? null };
      await insertTitleUsage(transaction, key, receipt, clock.nowMs());
      const title = isWhole ? readTitle(written.content, question) : null;
      const chat = await nameChat(transaction, key, { title, receipt });
      if (chat) feeds.add(afterCommit, key.ownerId, [{ type: 'chat-change', data: { chat } }]);
    });
  }

  async #ask(asked: Pick<LlmRequest, 'model' | 'sessionId' | 'messages' | 'options'>) {
    const { llm, models, clock, closing } = this.#options;
    const timeout = new AbortController();
    const cancelTimer = clock.schedule(waitMs, () => timeout.abort(new Error('No title came in time.')));
    try {
      const maxTokens = titleTokens + (models.find(asked.model)?.isReasoning ? reasoningTokens : 0);
      const timeouts = { connectMs: waitMs, firstDeltaMs: waitMs, idleMs: waitMs };
      return await llm.callLLM(
        { ...asked, maxTokens, timeouts, features: models.featuresOf([asked.model]) },
        { signal: AbortSignal.any([closing, timeout.signal]) },
      );
    } finally {
      cancelTimer();
    }
  }
}

/** The chat's providers are those of its own model. */
function optionsOf({ zdr, dataCollection }: ProviderRouting = {}): GenerationOptions {
  const provider = { ...(zdr && { zdr }), ...(dataCollection && { dataCollection }) };
  return { temperature: 0.2, provider };
}
