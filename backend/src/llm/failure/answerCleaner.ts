/** Removes our own secrets from an answer while it arrives: a provider may repeat the key that it was called with. */
import { HeldText } from '../wire/body/heldText.ts';
import type { ReceivedImage } from '../wire/completionChunk.ts';
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
    const [only] = deltas;
    // Nearly always there is one.
    return deltas.length === 1 && only
      ? this.#cleanOne(only)
      : deltas.flatMap((each) => this.#cleanOne(each));
  }

  /** The text that was held back and is not a secret. */
  flush(): LlmDelta[] {
    return (['reasoning', 'content', 'refusal'] as const).flatMap((type) => this.#flushText(type));
  }

  #cleanOne(delta: LlmDelta): LlmDelta[] {
    switch (delta.type) {
      case 'moved':
        return [...this.#flushText('content'), delta];
      case 'images':
        return [{ ...delta, images: delta.images.map((image) => this.#cleanImage(image)) }];
      case 'annotations':
      case 'parsed':
        return [this.#redactor.answer(delta)];
      default: {
        const text = this.#texts[delta.type].clean(delta.text);
        if (text === delta.text) return [delta];
        return text === '' ? [] : [{ type: delta.type, text }];
      }
    }
  }

  /** A long picture is cleaned when its text is read. */
  #cleanImage({ url }: ReceivedImage): ReceivedImage {
    const { answer } = this.#redactor;
    return { url: url instanceof HeldText ? url.cleaned(answer) : answer(url) };
  }

  #flushText(type: TextType): LlmDelta[] {
    const text = this.#texts[type].flush();
    return text === '' ? [] : [{ type, text }];
  }
}
