/**
 * Splits answer text in which a model writes its thinking between tags into thinking and text. The text may be cut
 * anywhere. Thinking opens only with a tag at the very start. Only what may be part of a tag, and blanks around it, is
 * held back.
 */

/** moved: all text so far was thinking, because a closing tag came without an opening one. */
export type ThinkingPart =
  | { readonly type: 'content' | 'reasoning'; readonly text: string }
  | { readonly type: 'moved' };

/** The texts of an answer when the first `length` UTF-16 units of its content turned out to be thinking. */
export function moveThinking<Texts extends { readonly content: string; readonly reasoning: string }>(
  texts: Texts,
  length: number,
): Texts {
  if (length === 0) return texts;
  const { content, reasoning } = texts;
  const thinking = [reasoning, content.slice(0, length).trim()].filter((text) => text !== '');
  return { ...texts, content: content.slice(length), reasoning: thinking.join('\n\n') };
}

interface TagPair {
  readonly open: string;
  readonly close: string;
}

const namedTags = ['think', 'thinking', 'thought', 'thoughts', 'reasoning', 'reason', 'seed:think'];
const pairs: readonly TagPair[] = [
  ...namedTags.map((name) => ({ open: `<${name}>`, close: `</${name}>` })),
  { open: '[think]', close: '[/think]' },
  { open: '◁think▷', close: '◁/think▷' },
  { open: '<|begin_of_thought|>', close: '<|end_of_thought|>' },
];
/** Pairs whose closing tag can come alone, because templates put the opening one into the prompt. */
const unopened = pairs.filter(
  ({ open }) => open === '<think>' || open === '<thinking>' || open === '◁think▷',
);
const quotes: Readonly<Record<string, string>> = { '`': '`', '"': '"', "'": "'", '“': '”', '«': '»' };

/** More blanks than this in a row do not belong to a tag, in UTF-16 units. */
const maxHeldBlanks = 1024;

type State = 'start' | 'thinking' | 'gap' | 'text';

export class ThinkingTags {
  #state: State = 'start';
  #pair: TagPair | null = null;
  /** Text that is held back: it may be a tag, or next to one. */
  #held = '';
  /** Blanks at the end of the thinking so far. */
  #blanks = '';
  /** The last unit that was output; '' at the start. */
  #before = '';
  #hasThought = false;
  #seesUnopened = true;
  readonly #code = new CodeFences();
  #parts: ThinkingPart[] = [];

  /** A model with a reasoning channel of its own does not close thinking in its text. */
  ignoreUnopened(): void {
    this.#seesUnopened = false;
  }

  add(text: string): ThinkingPart[] {
    if (this.#passes(text)) {
      this.#code.add(text);
      this.#before = text.at(-1) ?? '';
      return [{ type: 'content', text }];
    }
    this.#held += text;
    this.#run(false);
    return this.#drain();
  }

  /** Called at the end of the text: what is held back is output as it is. */
  end(): ThinkingPart[] {
    this.#run(true);
    return this.#drain();
  }

  /** True for text that cannot contain a tag, as most text. */
  #passes(text: string): boolean {
    if (this.#state !== 'text' || this.#held !== '' || text === '') return false;
    return !this.#seesUnopened || !(text.includes('<') || text.includes('◁'));
  }

  #drain(): ThinkingPart[] {
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }

  /** Each step handles one state; it returns false when it needs more text. */
  #run(isEnd: boolean): void {
    for (let hasProgress = true; hasProgress; ) {
      if (this.#state === 'start') hasProgress = this.#start(isEnd);
      else if (this.#state === 'gap') hasProgress = this.#skipGap();
      else if (this.#state === 'thinking') hasProgress = this.#think(isEnd);
      else hasProgress = this.#pass(isEnd);
    }
  }

  #start(isEnd: boolean): boolean {
    const text = this.#held.trimStart().toLowerCase();
    const pair = pairs.find(({ open }) => text.startsWith(open));
    const closed = unopened.find(({ close }) => text.startsWith(close));
    if (pair || closed) {
      this.#pair = pair ?? null;
      this.#held = this.#held.trimStart().slice((pair?.open ?? closed?.close ?? '').length);
      this.#state = pair ? 'thinking' : 'gap';
      this.#seesUnopened = false;
      return true;
    }
    const mayBeTag = [...pairs, ...unopened].some(
      ({ open, close }) => open.startsWith(text) || close.startsWith(text),
    );
    if (mayBeTag && !isEnd && this.#held.length < maxHeldBlanks) return false;
    this.#state = 'text';
    return this.#held !== '';
  }

  #skipGap(): boolean {
    this.#held = this.#held.trimStart();
    if (this.#held === '') return false;
    this.#state = 'text';
    return true;
  }

  #think(isEnd: boolean): boolean {
    const close = this.#pair?.close ?? '';
    const found = findTag(this.#held, [close], isEnd);
    this.#output('reasoning', this.#held.slice(0, found.start));
    this.#held = this.#held.slice(found.start);
    if (!found.tag) return this.#stop(isEnd, 'reasoning');
    const after = this.#held.slice(close.length, close.length + 4);
    if (after === '' && !isEnd) return false;
    if (this.#isQuoted(after) || this.#code.isExample) {
      this.#output('reasoning', this.#held.slice(0, close.length));
      this.#held = this.#held.slice(close.length);
      return true;
    }
    this.#blanks = '';
    this.#held = this.#held.slice(close.length);
    this.#state = 'gap';
    return true;
  }

  /** Outputs text. As long as all of it may be thinking, it searches for a closing tag. */
  #pass(isEnd: boolean): boolean {
    if (!this.#seesUnopened) {
      if (this.#held !== '') this.#parts.push({ type: 'content', text: this.#held });
      this.#held = '';
      return false;
    }
    const tags = unopened.flatMap(({ open, close }) => [open, close]);
    const found = findTag(this.#held, tags, isEnd);
    this.#output('content', this.#held.slice(0, found.start));
    this.#held = this.#held.slice(found.start);
    if (!found.tag) return this.#stop(isEnd, 'content');
    const after = this.#held.slice(found.tag.length, found.tag.length + 4);
    if (after.length < 4 && !isEnd) return false;
    const isOpening = unopened.some(({ open }) => open === found.tag);
    // An answer that has both tags is about tags; so is one with a tag inside a line.
    if (isOpening && !this.#isQuoted(after)) this.#seesUnopened = false;
    if (isOpening || this.#isQuoted(after) || this.#code.isOpen || !this.#isOnItsOwn(after)) {
      this.#output('content', this.#held.slice(0, found.tag.length));
      this.#held = this.#held.slice(found.tag.length);
      return true;
    }
    this.#parts.push({ type: 'moved' });
    this.#held = this.#held.slice(found.tag.length);
    this.#seesUnopened = false;
    this.#state = 'gap';
    return true;
  }

  #stop(isEnd: boolean, type: 'content' | 'reasoning'): false {
    if (!isEnd) return false;
    this.#output(type, this.#held);
    this.#held = '';
    return false;
  }

  /** Outputs text. Blanks at both ends of thinking are dropped, even when a long pause follows them. */
  #output(type: 'content' | 'reasoning', text: string): void {
    if (text === '') return;
    this.#code.add(text);
    this.#before = text.at(-1) ?? '';
    if (type === 'content') {
      this.#parts.push({ type, text });
      return;
    }
    const whole = this.#hasThought ? this.#blanks + text : text.trimStart();
    const shown = whole.length - text.length > maxHeldBlanks ? whole : whole.trimEnd();
    this.#blanks = whole.slice(shown.length);
    if (shown === '') return;
    this.#hasThought = true;
    this.#parts.push({ type, text: shown });
  }

  #isQuoted(after: string): boolean {
    return after !== '' && quotes[this.#before] === after[0];
  }

  /** A closing tag that ends thinking starts its line, or is followed by a blank line. */
  #isOnItsOwn(after: string): boolean {
    return this.#before === '\n' || /^(?:\r?\n){2}/.test(after);
  }
}

/** The first whole tag; without one, the position from which the text may still become a tag, or else its end. */
function findTag(
  text: string,
  tags: readonly string[],
  isEnd: boolean,
): { start: number; tag: string | null } {
  const lower = text.toLowerCase();
  const firsts = [...new Set(tags.map((tag) => tag[0]))];
  for (let start = nextOf(lower, firsts, 0); start < text.length; start = nextOf(lower, firsts, start + 1)) {
    const tag = tags.find((candidate) => lower.startsWith(candidate, start));
    if (tag !== undefined) return { start, tag };
    const rest = text.length - start < 32 ? lower.slice(start) : null;
    if (!isEnd && rest !== null && tags.some((candidate) => candidate.startsWith(rest)))
      return { start, tag: null };
  }
  return { start: text.length, tag: null };
}

function nextOf(text: string, firsts: readonly (string | undefined)[], from: number): number {
  const positions = firsts
    .map((first) => text.indexOf(first ?? '', from))
    .filter((position) => position >= 0);
  return positions.length === 0 ? text.length : Math.min(...positions);
}

/** Tracks whether text is inside a fenced code block. If tags are opened in the block, it is an example. */
class CodeFences {
  #run = 0;
  #isOpen = false;
  #tail = '';
  #hasTag = false;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isExample(): boolean {
    return this.#isOpen && this.#hasTag;
  }

  add(text: string): void {
    if (this.#run > 0 || text.includes('`')) for (const unit of text) this.#count(unit);
    if (!this.#isOpen) return;
    this.#tail = (this.#tail + text).slice(-4096);
    this.#hasTag ||= /<(?:think|thinking|thought|reasoning)>/i.test(this.#tail);
    this.#tail = this.#tail.slice(-16);
  }

  #count(unit: string): void {
    if (unit === '`') this.#run += 1;
    else {
      if (this.#run >= 3) {
        this.#isOpen = !this.#isOpen;
        this.#hasTag = false;
        this.#tail = '';
      }
      this.#run = 0;
    }
  }
}
