/**
 * Makes documents to stream. A kind has the same text in every run; a shorter document is the start of a longer one.
 */

export const documentKinds = ['prose', 'code', 'list', 'table', 'mixed'] as const;
export type DocumentKind = (typeof documentKinds)[number];

const vocabulary =
  'the stream of a model answer arrives in small pieces and every reader wants to see it grow without any flicker because text that jumps is hard to read while code and tables need care with their layout system memory network latency buffer parser token'.split(
    ' ',
  );

/** A linear congruential generator, as in C's rand(): numbers from 0 to 1. */
function createRandom(): () => number {
  let state = 7;
  return () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

/** Text of `kind`, cut at `characters`; ASCII, so that characters are bytes. */
export function createDocument(kind: DocumentKind, characters: number): string {
  const writer = new DocumentWriter();
  let text = writer.head(kind);
  while (text.length < characters) text += writer.next(kind);
  return text.slice(0, characters);
}

/** Counts the text that must be visible: letters and digits, without the addresses of links. */
export function readableLength(text: string): number {
  return text.replaceAll(/\]\([^)]*\)/g, '').replaceAll(/[^A-Za-z0-9]/g, '').length;
}

class DocumentWriter {
  readonly #random = createRandom();

  head(kind: DocumentKind): string {
    if (kind === 'code') return '```ts\n';
    return kind === 'table' ? this.#tableHead() : '';
  }

  next(kind: DocumentKind): string {
    const next = {
      prose: () => this.#paragraph(),
      code: () => this.#codeLine(),
      list: () => `- ${this.#sentence()}\n`,
      table: () => this.#tableRow(),
      mixed: () => this.#mixed(),
    };
    return next[kind]();
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #many(count: number, write: (index: number) => string): string {
    return Array.from({ length: count }, (_, index) => write(index)).join('');
  }

  #words(count: number): string {
    return Array.from({ length: count }, () => vocabulary[this.#below(vocabulary.length)]).join(' ');
  }

  #sentence(): string {
    const words = this.#words(8 + this.#below(10)) + this.#inline(this.#random());
    return `${words.charAt(0).toUpperCase()}${words.slice(1)}. `;
  }

  #inline(share: number): string {
    if (share < 0.15) return ` **${this.#words(2)}** ${this.#words(3)}`;
    if (share < 0.3) return ` \`${this.#words(1)}()\` ${this.#words(3)}`;
    if (share < 0.36) return ` [${this.#words(2)}](https://example.com/${this.#words(1)}) ${this.#words(2)}`;
    return '';
  }

  #paragraph(): string {
    return `${this.#many(2 + this.#below(4), () => this.#sentence()).trim()}\n\n`;
  }

  #codeLine(): string {
    const indent = '  '.repeat(this.#below(4));
    const call = `${this.#words(1)}(${this.#below(100)}, "${this.#words(2)}")`;
    return `${indent}const ${this.#words(1)} = ${call}; // ${this.#words(3)}\n`;
  }

  #tableHead(): string {
    return '| a | b | c | d |\n|---|---|--:|---|\n';
  }

  #tableRow(): string {
    return `| ${this.#words(2)} | ${this.#words(3)} | ${this.#below(1000)} | ${this.#words(4)} |\n`;
  }

  #step(index: number): string {
    const below = this.#many(2, () => `   - ${this.#sentence()}\n`);
    return `${index + 1}. **${this.#words(2)}**: ${this.#sentence()}\n${below}`;
  }

  #mixed(): string {
    const share = this.#random();
    if (share < 0.15) return `## ${this.#words(4)}\n\n`;
    if (share < 0.6) return this.#paragraph();
    if (share < 0.8) return `${this.#many(5, (index) => this.#step(index))}\n`;
    if (share < 0.92) return `\`\`\`ts\n${this.#many(12, () => this.#codeLine())}\`\`\`\n\n`;
    return `${this.#tableHead()}${this.#many(6, () => this.#tableRow())}\n`;
  }
}
