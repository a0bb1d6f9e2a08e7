/**
 * Collects the deltas and events of one run until they are committed: text of one channel is joined, and a delta too
 * long for one event is split. No event ends in half a surrogate pair.
 */
import type { RunEvent } from '@rill/protocol';
import type { TextChannel } from '../../delivery/frameSource.ts';
import { isHighSurrogate } from '../../delivery/jsonText.ts';

/** Longest text of one event, in UTF-16 units. */
const maxEventLength = 64 * 1024;
/** Length of text after which no further event joins a commit, in UTF-16 units. */
const maxCommitLength = 256 * 1024;

export type PendingEvent = { readonly channel: TextChannel; text: string } | { readonly event: RunEvent };

export class EventBuffer {
  readonly #pending: PendingEvent[] = [];
  /** The first half of a surrogate pair that was cut between two deltas. */
  readonly #held: Record<TextChannel, string> = { chunk: '', reasoning: '' };
  #length = 0;

  /** In UTF-16 units. */
  get length(): number {
    return this.#length;
  }

  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  /** True if the text follows something of another kind, so that both are shown without delay. */
  addText(channel: TextChannel, text: string): boolean {
    const whole = this.#held[channel] + text;
    const endsInsidePair = isHighSurrogate(whole.charCodeAt(whole.length - 1));
    this.#held[channel] = endsInsidePair ? whole.slice(-1) : '';
    return this.#push(channel, (endsInsidePair ? whole.slice(0, -1) : whole).toWellFormed());
  }

  addEvent(event: RunEvent): void {
    this.#pending.push({ event });
    this.#length += lengthOf({ event });
  }

  /** Adds halves of pairs whose other half did not arrive, as replacement characters. */
  addHeld(): void {
    for (const channel of ['reasoning', 'chunk'] as const) {
      this.#push(channel, this.#held[channel].toWellFormed());
      this.#held[channel] = '';
    }
  }

  /** Removes and returns the events of the next commit: all of them, unless their text is too long for one commit. */
  splice(): PendingEvent[] {
    let [count, length] = [0, 0];
    for (; count < this.#pending.length && length < maxCommitLength; count += 1) {
      const next = this.#pending[count];
      if (next) length += lengthOf(next);
    }
    this.#length -= length;
    return this.#pending.splice(0, count);
  }

  #push(channel: TextChannel, text: string): boolean {
    if (text === '') return false;
    if (text.length > maxEventLength) {
      const cut = isHighSurrogate(text.charCodeAt(maxEventLength - 1)) ? maxEventLength - 1 : maxEventLength;
      const isUrgent = this.#push(channel, text.slice(0, cut));
      this.#push(channel, text.slice(cut));
      return isUrgent;
    }
    const last = this.#pending.at(-1);
    const isSameChannel = last !== undefined && 'channel' in last && last.channel === channel;
    if (isSameChannel && last.text.length + text.length <= maxEventLength) last.text += text;
    else this.#pending.push({ channel, text });
    this.#length += text.length;
    return last !== undefined && !isSameChannel;
  }
}

/** In UTF-16 units. An image counts in full, since it can be megabytes. */
function lengthOf(pendingEvent: PendingEvent): number {
  if ('channel' in pendingEvent) return pendingEvent.text.length;
  const { event } = pendingEvent;
  if (event.type === 'image') return event.data.images.reduce((sum, { url }) => sum + url.length, 100);
  if (event.type === 'annotation') return event.data.annotations.length * 100;
  return 100;
}
