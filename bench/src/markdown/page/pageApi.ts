/** What the page of a contender offers to the bench, and what a contender is to its page. */

/** A renderer inside one element. */
export interface PageContender {
  /** Shows `source`, of which `added` is new, before it returns. */
  update(added: string, source: string): void;
  /** The source is complete. */
  finish?(source: string): void;
}

export interface StreamRequest {
  /** Characters of the document that are shown at the end. */
  readonly to: number;
  readonly flushCharacters: number;
  /** After this it stops, wherever it is. */
  readonly limitMs: number;
}

export interface StreamReply {
  /** Drawing and layout of each flush, by the clock. */
  readonly flushMs: readonly number[];
  readonly wallMs: number;
  /** Tasks of more than 50 ms. */
  readonly longTasks: number;
}

export interface Shown {
  readonly text: string;
  readonly elements: number;
}

export interface PageApi {
  /** An empty element, and the document that comes. */
  start(document: string): void;
  /** Shows the first characters in one go, and lets it settle. */
  skipTo(characters: number): Promise<void>;
  stream(request: StreamRequest): Promise<StreamReply>;
  finish(): Promise<Shown>;
}

declare global {
  interface Window {
    bench?: PageApi;
  }
}
