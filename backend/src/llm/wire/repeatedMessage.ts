/**
 * Finds out what a whole `message` adds to the deltas before it. Some servers repeat the answer in their last chunk, others
 * send all text so far in each chunk. A delta itself is never treated as a repetition.
 */

/** Length of the start by which a text is recognised, in UTF-16 units. */
const knownLength = 512;

/** Keeps as much of the text of one channel as is needed to recognise it. */
export class RepeatedText {
  #start = '';
  #length = 0;
  #isIncremental = false;
  #hasDelta = false;

  /** A delta adds to the text. */
  addDelta(text: string): void {
    if (text === '') return;
    this.#hasDelta = true;
    this.#grow(text);
  }

  /** What `message` adds. A message that does not start with the text of the deltas is another wording of it and adds nothing. */
  addMessage(message: string): string {
    const extendsText = message.length >= this.#length && message.startsWith(this.#start);
    if (this.#isIncremental || (!extendsText && !this.#hasDelta)) {
      // This server calls its deltas messages.
      this.#isIncremental = true;
      this.#grow(message);
      return message;
    }
    const added = extendsText ? message.slice(this.#length) : '';
    this.#grow(added);
    return added;
  }

  #grow(text: string): void {
    if (this.#start.length < knownLength) this.#start += text.slice(0, knownLength - this.#start.length);
    this.#length += text.length;
  }
}
