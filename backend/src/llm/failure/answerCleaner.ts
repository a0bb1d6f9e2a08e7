/** Removes our own secrets from an answer while it arrives: a provider may repeat the key that it was called with. */
import type { LlmDelta } from '../wire/completionReader.ts';
import type { Redactor, TextCleaner } from './redactSecrets.ts';

type TextType = 'content' | 'reasoning' | 'refusal';

export class AnswerCleaner {
  readonly #redactor: Redactor;
  readonly #texts: Readonly<Record<TextType, TextCleaner>>;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
    this.#texts = {
      content: redactor.createCleaner(),
      reasoning: redactor.createCleaner(),
      refusal: redactor.createCleaner(),
    };
  }

  /** The deltas without secrets, and without text that may become one with the next delta. */
  clean(deltas: readonly LlmDelta[]): LlmDelta[] {
    return deltas.flatMap((delta) => this.#cleanOne(delta));
  }

  /** The text that was held back and is not a secret. */
  flush(): LlmDelta[] {
    return (['reasoning', 'content', 'refusal'] as const).flatMap((type) => this.#flushText(type));
  }

  #cleanOne(delta: LlmDelta): LlmDelta[] {
    switch (delta.type) {
      case 'moved':
        return [...this.#flushText('content'), delta];
      case 'annotations':
      case 'images':
      case 'parsed':
        return [this.#redactor.answer(delta)];
      default: {
        const text = this.#texts[delta.type].clean(delta.text);
        if (text === delta.text) return [delta];
        return text === '' ? [] : [{ type: delta.type, text }];
      }
    }
  }

  #flushText(type: TextType): LlmDelta[] {
    const text = this.#texts[type].flush();
    return text === '' ? [] : [{ type, text }];
  }
}
