/**
 * The parts of one run's provider stream, gathered to the final message and its provider calls. Text is not here:
 * the log has it.
 */
import type { Annotation, GeneratedImage, Message, RunError, ToolCall, Usage } from '@rill/protocol';
import type { GenerationRow } from '../database/schema.ts';
import type { AttemptReport } from '../llm/llmFailure.ts';
import type { LlmPart, LlmResult } from '../llm/llmService.ts';

export interface DraftContext {
  readonly runId: string;
  readonly startedAtMs: number;
  /** Provider calls that an earlier process made for the run. */
  readonly earlierAttempts: number;
  readonly newId: () => string;
  readonly nowMs: () => number;
}

export class AnswerDraft {
  readonly annotations: Annotation[] = [];
  readonly images: GeneratedImage[] = [];
  refusal: string | null = null;
  result: LlmResult | null = null;
  readonly #context: DraftContext;
  readonly #generations: GenerationRow[] = [];
  #open: GenerationRow | null = null;
  #firstDeltaMs: number | null = null;

  constructor(context: DraftContext) {
    this.#context = context;
  }

  get hasFirstDelta(): boolean {
    return this.#firstDeltaMs !== null;
  }

  /** The provider call that is under way, if any. */
  get openGeneration(): GenerationRow | null {
    return this.#open;
  }

  get toolCalls(): readonly ToolCall[] {
    return this.result?.toolCalls ?? [];
  }

  /** Takes note of one part. */
  take(part: LlmPart): void {
    switch (part.type) {
      case 'attempt':
        this.#open = this.#newGeneration(part.attempt, part.model);
        break;
      case 'head':
        if (this.#open)
          this.#open = { ...this.#open, generation_id: part.generationId, provider: part.provider };
        break;
      case 'content':
      case 'reasoning':
        this.#firstDeltaMs ??= this.#sinceStartMs();
        break;
      case 'refusal':
        this.refusal = (this.refusal ?? '') + part.text;
        break;
      case 'annotations':
        this.annotations.push(...part.annotations);
        break;
      case 'images':
        this.images.push(...part.images);
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

  /** Closes the provider call that is open, if any, with what is known of it. */
  closeGeneration(outcome: 'completed' | 'cancelled' | 'failed', report: Partial<AttemptReport> = {}): void {
    if (!this.#open) return;
    const { usage, providerError } = report;
    // The id of a call that was refused names nothing: only what a provider took can be billed and asked about.
    const generationId = providerError?.phase === 'http' ? null : report.generationId;
    this.#generations.push({
      ...this.#open,
      generation_id: generationId ?? this.#open.generation_id,
      model: report.model ?? this.#open.model,
      provider: report.provider ?? this.#open.provider,
      outcome,
      finish_reason: report.finishReason ?? null,
      usage_json: usage ? JSON.stringify(usage.raw) : null,
      error_json: providerError ? JSON.stringify(providerError) : null,
      ended_at_ms: this.#context.nowMs(),
    });
    this.#open = null;
  }

  get generations(): readonly GenerationRow[] {
    return this.#generations;
  }

  /** The final message. `content` and `reasoning` are what the log holds. */
  finish(
    answer: Message,
    end: {
      readonly status: Exclude<Message['status'], 'streaming'>;
      readonly content: string;
      readonly reasoning: string;
      readonly error: RunError | null;
      readonly usage: Usage | null;
    },
  ): Message {
    const last = this.#generations.at(-1);
    return {
      ...answer,
      ...end,
      refusal: this.refusal,
      annotations: this.annotations,
      images: this.images,
      toolCalls: [...this.toolCalls],
      model: last?.model ?? answer.model,
      provider: last?.provider ?? null,
      finishReason: this.result?.finishReason ?? last?.finish_reason ?? null,
      timings: { firstDeltaMs: this.#firstDeltaMs, totalMs: this.#sinceStartMs() },
    };
  }

  #sinceStartMs(): number {
    return Math.max(0, this.#context.nowMs() - this.#context.startedAtMs);
  }

  #newGeneration(attempt: number, model: string): GenerationRow {
    return {
      id: this.#context.newId(),
      run_id: this.#context.runId,
      attempt: this.#context.earlierAttempts + attempt,
      generation_id: null,
      model,
      provider: null,
      outcome: 'open',
      finish_reason: null,
      usage_json: null,
      error_json: null,
      started_at_ms: this.#context.nowMs(),
      ended_at_ms: null,
      next_look_up_at_ms: null,
      look_up_count: 0,
    };
  }
}
