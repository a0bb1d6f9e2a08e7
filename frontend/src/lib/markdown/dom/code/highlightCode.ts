/**
 * Turns source code into coloured ranges with highlight.js, whose languages are loaded one by one when a block first
 * needs them. Only positions are returned, never markup, so colouring cannot change the text.
 */
import type { Emitter, LanguageFn } from 'highlight.js';

export type CodeColour = 'keyword' | 'type' | 'string' | 'number' | 'comment';

/** Offsets in UTF-16 units from the start of the block. */
export interface CodeRun {
  readonly start: number;
  readonly end: number;
  readonly colour: CodeColour;
}

const colourOfScope: Readonly<Record<string, CodeColour>> = {
  keyword: 'keyword',
  built_in: 'type',
  type: 'type',
  'title.class': 'type',
  'title.class.inherited': 'type',
  'selector-tag': 'keyword',
  tag: 'keyword',
  name: 'keyword',
  meta: 'keyword',
  section: 'keyword',
  string: 'string',
  regexp: 'string',
  addition: 'string',
  attribute: 'string',
  'meta.string': 'string',
  number: 'number',
  literal: 'number',
  symbol: 'number',
  attr: 'number',
  bullet: 'number',
  comment: 'comment',
  quote: 'comment',
  deletion: 'comment',
};

type LanguageModule = Promise<{ readonly default: LanguageFn }>;

const languages: Readonly<Record<string, () => LanguageModule>> = {
  bash: () => import('highlight.js/lib/languages/bash'),
  c: () => import('highlight.js/lib/languages/c'),
  cpp: () => import('highlight.js/lib/languages/cpp'),
  csharp: () => import('highlight.js/lib/languages/csharp'),
  css: () => import('highlight.js/lib/languages/css'),
  diff: () => import('highlight.js/lib/languages/diff'),
  go: () => import('highlight.js/lib/languages/go'),
  java: () => import('highlight.js/lib/languages/java'),
  javascript: () => import('highlight.js/lib/languages/javascript'),
  json: () => import('highlight.js/lib/languages/json'),
  kotlin: () => import('highlight.js/lib/languages/kotlin'),
  php: () => import('highlight.js/lib/languages/php'),
  python: () => import('highlight.js/lib/languages/python'),
  ruby: () => import('highlight.js/lib/languages/ruby'),
  rust: () => import('highlight.js/lib/languages/rust'),
  sql: () => import('highlight.js/lib/languages/sql'),
  swift: () => import('highlight.js/lib/languages/swift'),
  typescript: () => import('highlight.js/lib/languages/typescript'),
  xml: () => import('highlight.js/lib/languages/xml'),
  yaml: () => import('highlight.js/lib/languages/yaml'),
};

const aliases: Readonly<Record<string, string>> = {
  'c#': 'csharp',
  'c++': 'cpp',
  cs: 'csharp',
  html: 'xml',
  js: 'javascript',
  jsx: 'javascript',
  kt: 'kotlin',
  patch: 'diff',
  py: 'python',
  rb: 'ruby',
  rs: 'rust',
  sh: 'bash',
  shell: 'bash',
  svelte: 'xml',
  svg: 'xml',
  ts: 'typescript',
  tsx: 'typescript',
  vue: 'xml',
  yml: 'yaml',
  zsh: 'bash',
};

export interface HighlightedCode {
  readonly runs: readonly CodeRun[];
  /** True when the text ends in no string, comment or other construct, so that what follows can be highlighted by itself. */
  readonly endsAtRoot: boolean;
}

export type Highlight = (text: string) => HighlightedCode;

/** The languages that a page has loaded: a print cannot wait for others. */
export class Highlighters {
  readonly #loaded = new Map<string, Highlight>();

  /** The highlighter of a loaded language, else null. */
  loaded(language: string): Highlight | null {
    return this.#loaded.get(nameOf(language)) ?? null;
  }

  /** Loads the highlighter of a language; null for an unknown one. */
  async load(language: string): Promise<Highlight | null> {
    const name = nameOf(language);
    const highlight = await loadHighlight(name);
    if (highlight) this.#loaded.set(name, highlight);
    return highlight;
  }
}

function nameOf(language: string): string {
  return Object.hasOwn(aliases, language) ? (aliases[language] ?? language) : language;
}

async function loadHighlight(name: string): Promise<Highlight | null> {
  const load = Object.hasOwn(languages, name) ? languages[name] : undefined;
  if (!load) return null;
  const [{ default: highlighter }, definition] = await Promise.all([import('highlight.js/lib/core'), load()]);
  if (!highlighter.getLanguage(name)) highlighter.registerLanguage(name, definition.default);
  highlighter.configure({ __emitter: RunCollector });
  return (text) => {
    const { _emitter: collector, _top: mode } = highlighter.highlight(text, {
      language: name,
      ignoreIllegals: true,
    });
    const runs = collector instanceof RunCollector ? collector.runs : [];
    return { runs, endsAtRoot: mode !== undefined && !('parent' in mode && mode.parent) };
  };
}

/** Replaces highlight.js's HTML writer and keeps only positions. */
class RunCollector implements Emitter {
  readonly runs: CodeRun[] = [];
  readonly #scopes: string[] = [];
  #offset = 0;

  addText(text: string): void {
    const start = this.#offset;
    this.#offset += text.length;
    const colour = this.#colour();
    if (colour && text !== '') this.runs.push({ start, end: this.#offset, colour });
  }

  startScope(scope: string): void {
    this.#scopes.push(scope);
  }

  endScope(): void {
    this.#scopes.pop();
  }

  openNode(scope: string): void {
    this.startScope(scope);
  }

  closeNode(): void {
    this.endScope();
  }

  __addSublanguage(emitter: Emitter): void {
    if (!(emitter instanceof RunCollector)) return;
    for (const run of emitter.runs) {
      this.runs.push({ ...run, start: run.start + this.#offset, end: run.end + this.#offset });
    }
    this.#offset += emitter.#offset;
  }

  finalize(): void {
    this.#scopes.length = 0;
  }

  toHTML(): string {
    return '';
  }

  #colour(): CodeColour | undefined {
    for (let index = this.#scopes.length - 1; index >= 0; index -= 1) {
      const scope = this.#scopes[index] ?? '';
      const colour = colourOfScope[scope] ?? colourOfScope[scope.split('.', 1)[0] ?? ''];
      if (colour) return colour;
    }
    return undefined;
  }
}
