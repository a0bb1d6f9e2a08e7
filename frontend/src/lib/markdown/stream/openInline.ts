/**
 * Turns the text of a paragraph that is still written into what is worth showing: open emphasis, code and links are
 * closed for display, and a delimiter at the very end is held back until the next text tells what it is. Display only:
 * when the block is finished, the grammar alone decides.
 */

export interface OpenInline {
  /** The text with its open constructs closed. */
  readonly repaired: string;
  /** Length of the text in `repaired`, without the closing marks after it. */
  readonly visibleLength: number;
  /** True when plain text that follows can simply be added to what is shown. */
  readonly isExtendable: boolean;
  /** Everything before this offset is independent of later text; 0 when nothing is. */
  readonly settledLength: number;
}

interface OpenDelimiter {
  readonly marker: '*' | '_' | '~' | '[';
  length: number;
}

/** A bracket that stays open longer than this is no link. */
const maxLabelCharacters = 300;
/** Most open delimiters that are kept; each closing one searches them all. */
const maxOpenDelimiters = 64;
/** Characters at the end that may still belong to the next text. */
const unsettledCharacters = 16;

export function repairInline(content: string): OpenInline {
  return new Scan(content).run();
}

class Scan {
  readonly #content: string;
  readonly #open: OpenDelimiter[] = [];
  #offset = 0;
  #settledLength = 0;
  /** Set when the rest of the text is not shown. */
  #visibleEnd: number | null = null;
  #codeMarkup = '';
  #lastBracket = 0;

  constructor(content: string) {
    this.#content = content;
  }

  run(): OpenInline {
    const content = this.#content;
    while (this.#offset < content.length && this.#visibleEnd === null) this.#step();
    const visible = content.slice(0, this.#visibleEnd ?? content.length).trimEnd();
    const isOverlong = content.length - this.#lastBracket > maxLabelCharacters;
    let closers = this.#codeMarkup;
    for (const { marker, length } of this.#open.toReversed()) {
      if (marker !== '[') closers += marker.repeat(length);
      else if (!isOverlong) closers += ']()';
    }
    return {
      repaired: visible + closers,
      visibleLength: visible.length,
      isExtendable: this.#visibleEnd === null && isPlainText(content.slice(-1)),
      settledLength: this.#settledLength,
    };
  }

  #step(): void {
    const content = this.#content;
    const character = content[this.#offset];
    switch (character) {
      case '\\':
        if (this.#offset === content.length - 1) this.#visibleEnd = this.#offset;
        this.#offset += 2;
        break;
      case '`':
        this.#code();
        break;
      case '$':
        this.#offset = this.#endOf(this.#runLength(this.#offset) > 1 ? '$$' : '$');
        break;
      case '*':
      case '_':
      case '~':
        this.#delimiters(character);
        break;
      case '[':
        if (this.#offset === content.length - 1) this.#visibleEnd = this.#beforeBang(this.#offset);
        this.#push({ marker: '[', length: 1 });
        this.#lastBracket = this.#offset;
        this.#offset += 1;
        break;
      case ']':
        this.#closeBracket();
        break;
      default:
        this.#plain();
    }
  }

  /** Records an open delimiter; beyond the limit it stays as it is written. */
  #push(delimiter: OpenDelimiter): void {
    if (this.#open.length < maxOpenDelimiters) this.#open.push(delimiter);
  }

  /** Moves to the next character that may have a meaning. */
  #plain(): void {
    special.lastIndex = this.#offset + 1;
    const end = special.exec(this.#content)?.index ?? this.#content.length;
    if (this.#open.length === 0) {
      const settledEnd = Math.min(end, this.#content.length - unsettledCharacters) + 1;
      const lastBlank = this.#content.slice(this.#offset, settledEnd).lastIndexOf(' ');
      if (lastBlank >= 0) this.#settledLength = this.#offset + lastBlank + 1;
    }
    this.#offset = end;
  }

  #code(): void {
    const length = this.#runLength(this.#offset);
    const start = this.#offset + length;
    for (let end = this.#content.indexOf('`', start); end >= 0; ) {
      const closingLength = this.#runLength(end);
      if (closingLength === length) {
        this.#offset = end + length;
        return;
      }
      end = this.#content.indexOf('`', end + closingLength);
    }
    if (start >= this.#content.length) this.#visibleEnd = this.#offset;
    else this.#codeMarkup = '`'.repeat(length);
    // A closing run that may still grow.
    let end = this.#content.length;
    while (end > start && this.#content[end - 1] === '`') end -= 1;
    if (end < this.#content.length && this.#visibleEnd === null) this.#visibleEnd = end;
    this.#offset = this.#content.length;
  }

  #delimiters(marker: '*' | '_' | '~'): void {
    const start = this.#offset;
    const end = start + this.#runLength(start);
    const before = this.#content[start - 1];
    const after = this.#content[end];
    this.#offset = end;
    let length = end - start;
    const opener = this.#open.findLastIndex((open) => open.marker === marker);
    if (after === undefined) {
      const isWhole = opener >= 0 && this.#open[opener]?.length === length && !isBlank(before);
      if (isWhole) this.#open.length = opener;
      else this.#visibleEnd = start;
      return;
    }
    if (marker === '~' && length < 2) return;
    const { canOpen, canClose } = flanking(marker, before, after);
    for (let index = opener; canClose && length > 0 && index >= 0; ) {
      const open = this.#open[index];
      if (!open) break;
      const taken = Math.min(length, open.length);
      length -= taken;
      open.length -= taken;
      this.#open.length = open.length === 0 ? index : index + 1;
      index = this.#open.findLastIndex((other) => other.marker === marker);
    }
    if (canOpen && length > 0) this.#push({ marker, length });
  }

  #closeBracket(): void {
    const start = this.#offset;
    this.#offset += 1;
    const opener = this.#open.findLastIndex((open) => open.marker === '[');
    if (opener < 0) return;
    const after = this.#content[this.#offset];
    if (after === undefined || (after === '(' && !this.#skipDestination())) {
      // Shown as a link without an address until the address arrives.
      this.#visibleEnd = start;
      this.#open.length = opener + 1;
      return;
    }
    this.#open.length = opener;
  }

  /** Moves past the closing parenthesis of a link; false when it has not arrived. */
  #skipDestination(): boolean {
    let depth = 0;
    for (let index = this.#offset; index < this.#content.length; index += 1) {
      const character = this.#content[index];
      if (character === '\\') index += 1;
      else if (character === '(') depth += 1;
      else if (character === ')') depth -= 1;
      if (depth === 0) {
        this.#offset = index + 1;
        return true;
      }
    }
    return false;
  }

  #endOf(closing: string): number {
    const start = this.#offset + closing.length;
    const end = this.#content.indexOf(closing, start);
    return end < 0 ? start : end + closing.length;
  }

  #beforeBang(offset: number): number {
    return this.#content[offset - 1] === '!' ? offset - 1 : offset;
  }

  #runLength(start: number): number {
    let end = start + 1;
    while (this.#content[end] === this.#content[start]) end += 1;
    return end - start;
  }
}

const special = /[\\`$*_~[\]]/g;
const plainText = /^[^\n\r\\`*_~[\]<>&;!#|$]*$/;

/** True when `text` begins or ends no construct, wherever in a paragraph it stands. */
export function isPlainText(text: string): boolean {
  return plainText.test(text);
}

function flanking(marker: string, before: string | undefined, after: string) {
  // As in `markdown-it-cjk-friendly`: beside these scripts, punctuation does not prevent emphasis from opening or
  // closing.
  if (marker !== '_' && !isBlank(before) && !isBlank(after) && (isCjk(before) || isCjk(after))) {
    return { canOpen: true, canClose: true };
  }
  const isLeft = !isBlank(after) && (!isPunctuation(after) || isBlank(before) || isPunctuation(before));
  const isRight = !isBlank(before) && (!isPunctuation(before) || isBlank(after) || isPunctuation(after));
  if (marker !== '_') return { canOpen: isLeft, canClose: isRight };
  return {
    canOpen: isLeft && (!isRight || isPunctuation(before)),
    canClose: isRight && (!isLeft || isPunctuation(after)),
  };
}

function isCjk(character: string | undefined): boolean {
  return (
    character !== undefined &&
    /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303f\uff00-\uffef]/u.test(character)
  );
}

function isBlank(character: string | undefined): boolean {
  return character === undefined || /\s/.test(character);
}

function isPunctuation(character: string | undefined): boolean {
  return character !== undefined && /[\p{P}\p{S}]/u.test(character);
}
