/**
 * Collects the parts of one run's provider stream into the final message and its provider calls. Text and media are
 * not kept here: the log has them.
 */
import type { Message, RunError, ToolCall, Usage } from '@rill/protocol';
import type { Clock } from '../../clock.ts';
import type { GenerationRow } from '../../database/schema.ts';
import type { AttemptReport } from '../../llm/failure/llmFailure.ts';
import type { LlmPart, LlmResult } from '../../llm/llmService.ts';
import type { Thought } from '../../llm/wire/openRouterRequest.ts';
import { moveThinking } from '../../llm/wire/thinkingTags.ts';

export interface DraftContext {
  readonly runId: string;
  /** By the monotonic clock. */
  readonly sentAtMs: number;
  /** Provider calls that an earlier process made for the run. */
  readonly previousAttemptCount: number;
  readonly newId: () => string;
  readonly clock: Clock;
}

export class AnswerDraft {
  refusal: string | null = null;
  result: LlmResult | null = null;
  readonly #context: DraftContext;
  readonly #generations: GenerationRow[] = [];
  #open: GenerationRow | null = null;
  /** What `sent_json` of the open call says; nearly always the head says the same. */
  #sent: object | null = null;
  #isSent = false;
  #isWebRefused = false;
  #firstDeltaMs: number | null = null;
  /** UTF-16 units of content so far. */
  #contentLength = 0;
  #thinkingLength = 0;

  constructor(context: DraftContext) {
    this.#context = context;
  }

  get hasFirstDelta(): boolean {
    return this.#firstDeltaMs !== null;
  }

  /** UTF-16 units at the start of the content so far that turned out to be thinking. */
  get thinkingLength(): number {
    return this.#thinkingLength;
  }

  /** The provider call in progress, if any. */
  get openGeneration(): GenerationRow | null {
    return this.#open;
  }

  /** Only of a complete answer: a part of it no model takes. */
  thoughtFor(model: string): Thought | null {
    const { reasoningDetails: details = [] } = this.result ?? {};
    return details.length > 0 ? { model, details } : null;
  }

  get toolCalls(): readonly ToolCall[] {
    return this.result?.toolCalls ?? [];
  }

  record(part: LlmPart): void {
    switch (part.type) {
      case 'attempt':
        this.#isSent = false;
        this.#open = this.#newGeneration(part);
        this.#sent = part.sent;
        break;
      case 'head':
        this.#isWebRefused = part.isWebRefused;
        if (this.#open)
          this.#open = {
            ...this.#open,
            generation_id: part.generationId,
            provider: part.provider,
            ...(part.sent !== this.#sent && { sent_json: JSON.stringify(part.sent) }),
          };
        break;
      case 'content':
      case 'reasoning':
        this.#firstDeltaMs ??= this.#sinceStartMs();
        if (part.type === 'content') this.#contentLength += part.text.length;
        break;
      case 'moved':
        this.#thinkingLength = this.#contentLength;
        break;
      case 'refusal':
        this.refusal = (this.refusal ?? '') + part.text;
        break;
      case 'retrying':
        this.closeGeneration('failed', part.failed);
        break;
      case 'end':
        this.result = part.result;
        this.closeGeneration('completed', part.result);
        break;
    }
  }

  /** The request of the open call was sent. */
  recordSent(): void {
    this.#isSent = true;
  }

  /** Closes the open provider call, if any. A call that was aborted before its request was sent is dropped. */
  closeGeneration(outcome: 'completed' | 'cancelled' | 'failed', report?: Partial<AttemptReport>): void {
    if (!this.#open) return;
    if (report === undefined && !this.#isSent && outcome !== 'completed') {
      this.#open = null;
      return;
    }
    const { usage, providerError } = report ?? {};
    // A refused call is not billed and cannot be looked up, so its id is not kept.
    const generationId = providerError?.phase === 'http' ? null : report?.generationId;
    this.#generations.push({
      ...this.#open,
      generation_id: generationId ?? this.#open.generation_id,
      model: report?.model ?? this.#open.model,
      provider: report?.provider ?? this.#open.provider,
      outcome,
      finish_reason: report?.finishReason ?? null,
      usage_json: usage ? JSON.stringify(usage.raw) : null,
      error_json: providerError ? JSON.stringify(providerError) : null,
      ended_at_ms: this.#context.clock.nowMs(),
    });
    this.#open = null;
  }

  get generations(): readonly GenerationRow[] {
    return this.#generations;
  }

  /**
   * The final message. `end` has the text and media of the log. Text that turned out to be thinking is moved from the
   * content to the reasoning here, once.
   */
  finish(
    answer: Message,
    end: {
      readonly status: Exclude<Message['status'], 'streaming'>;
      readonly content: string;
      readonly reasoning: string;
      readonly annotations: Message['annotations'];
      readonly images: Message['images'];
      readonly error: RunError | null;
      readonly usage: Usage | null;
    },
  ): Message {
    const last = this.#generations.at(-1);
    return {
      ...answer,
      ...moveThinking(end, this.#thinkingLength),
      refusal: this.refusal,
      toolCalls: [...this.toolCalls],
      model: last?.model ?? answer.model,
      provider: last?.provider ?? null,
      finishReason: this.result?.finishReason ?? last?.finish_reason ?? null,
      ...(this.#isWebRefused && { web: 'refused' }),
      timings: { firstDeltaMs: this.#firstDeltaMs, totalMs: this.#sinceStartMs() },
    };
  }

  #sinceStartMs(): number {
    return Math.max(0, Math.round(this.#context.clock.elapsedMs() - this.#context.sentAtMs));
  }

  #newGeneration({ attempt, model, sent }: Extract<LlmPart, { type: 'attempt' }>): GenerationRow {
    return {
      id: this.#context.newId(),
      run_id: this.#context.runId,
      attempt: this.#context.previousAttemptCount + attempt,
      generation_id: null,
      model,
      provider: null,
      outcome: 'open',
      finish_reason: null,
      usage_json: null,
      error_json: null,
      started_at_ms: this.#context.clock.nowMs(),
      ended_at_ms: null,
      next_look_up_at_ms: null,
      look_up_count: 0,
      sent_json: JSON.stringify(sent),
    };
  }
}
