/**
 * Records what one reader was shown of one run in the simplest way: text is appended as it comes. It shares no code
 * with the client or the server, so that it can show when they are wrong.
 */
import { type DecodedFrame, formatCursor, type Message } from '@rill/protocol';

export class ShownText {
  content = '';
  reasoning = '';
  /** Every id that was seen, with the text at that moment. */
  readonly positions: {
    readonly id: string;
    readonly contentLength: number;
    readonly reasoningLength: number;
  }[] = [];
  terminalCount = 0;
  /** The message of the terminal event. */
  final: Message | null = null;

  take({ cursor, event }: DecodedFrame): void {
    if (event?.type === 'chunk') this.content += event.data.content;
    if (event?.type === 'reasoning') this.reasoning += event.data.reasoning;
    if (event?.type === 'done' || event?.type === 'error') {
      this.terminalCount += 1;
      this.final = event.data.message;
    }
    this.positions.push({
      id: formatCursor(cursor),
      contentLength: this.content.length,
      reasoningLength: this.reasoning.length,
    });
  }

  get lastId(): string | null {
    return this.positions.at(-1)?.id ?? null;
  }

  get hasText(): boolean {
    return this.content !== '' || this.reasoning !== '';
  }
}
