/** Defines how the bench calls a contender's page, and how the page calls its contender. */

/** A renderer that draws into one element. */
export interface PageContender {
  /** Shows `source`, of which `added` is new, before it returns. */
  update(added: string, source: string): void;
  /** Called when the source is complete. */
  finish?(source: string): void;
}

export interface StreamRequest {
  /** Characters of the document that are shown at the end. */
  readonly to: number;
  readonly flushCharacters: number;
  /** Time limit of the stream, which may stop at any position. */
  readonly limitMs: number;
}

export interface StreamReply {
  /** Wall time of drawing and layout of each flush. */
  readonly flushMs: readonly number[];
  readonly wallMs: number;
  /** Number of tasks longer than 50 ms. */
  readonly longTasks: number;
}

export interface Shown {
  readonly text: string;
  readonly elements: number;
}

export interface PageApi {
  /** Empties the element and sets the document to stream. */
  start(document: string): void;
  /** Shows the first characters at once and waits until the page has settled. */
  skipTo(characters: number): Promise<void>;
  stream(request: StreamRequest): Promise<StreamReply>;
  finish(): Promise<Shown>;
}

declare global {
  interface Window {
    bench?: PageApi;
  }
}
