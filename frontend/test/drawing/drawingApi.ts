/** What the page of `npm run measure:drawing` offers to the command. */

export interface Drawn {
  /** Until nothing more changed. */
  readonly totalMs: number;
  /** Characters that are shown at the end. */
  readonly shownCharacters: number;
}

export interface DrawingApi {
  /** Takes the text of the next answer. */
  give(text: string): void;
  /** Draws it as a stored answer in view. */
  reload(): Promise<Drawn>;
  /** Lays it far below the view, where its words stand for it. */
  defer(): Promise<Drawn>;
  /** Draws it as an answer that is written, a delta in each animation frame, and ends it. */
  stream(deltaCharacters: number): Promise<Drawn>;
}

declare global {
  interface Window {
    drawing?: DrawingApi;
  }
}
