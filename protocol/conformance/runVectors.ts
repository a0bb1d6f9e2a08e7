/**
 * Turns the conformance vectors into functions for any test runner: each checks one case and throws a plain sentence. A
 * client runs them through its own decoding to prove that it reads what the server writes.
 */
import {
  type DecodedFrame,
  foldFrame,
  formatCursor,
  parseCursor,
  RillError,
  type RunView,
} from '../src/index.ts';

/** An SSE message as the vectors write it: absent fields are absent, never undefined. */
export interface VectorMessage {
  readonly id?: string;
  readonly event?: string;
  readonly data: string;
}

export interface SseParsingCase {
  readonly name: string;
  readonly input?: string;
  readonly inputHex?: string;
  readonly messages: readonly VectorMessage[];
  readonly comments?: readonly string[];
  readonly retries?: readonly number[];
}

/** The bytes that a parsing case feeds. */
export function bytesOf(vector: SseParsingCase): Uint8Array {
  if (vector.inputHex !== undefined) return Buffer.from(vector.inputHex, 'hex');
  return new TextEncoder().encode(vector.input ?? '');
}

export interface FoldCaseFrame {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
  readonly refusedAs?: string;
  readonly changesNothing?: boolean;
}

/**
 * Folds the frames of one case from `view` and checks each against its vector.
 * Errors: an Error with one sentence for the first frame that behaves otherwise.
 */
export function foldCase(
  start: RunView,
  frames: readonly FoldCaseFrame[],
  decode: (message: VectorMessage) => DecodedFrame | null,
): RunView {
  let view = start;
  for (const vector of frames) view = foldOne(view, vector, decode);
  return view;
}

function foldOne(
  view: RunView,
  vector: FoldCaseFrame,
  decode: (message: VectorMessage) => DecodedFrame | null,
): RunView {
  const frame = decode({ id: vector.id, event: vector.event, data: JSON.stringify(vector.data) });
  if (!frame) throw new Error(`${vector.id} is not read as a frame.`);
  const refusal = codeOf(() => foldFrame(view, frame));
  if (refusal !== vector.refusedAs) throw new Error(`${vector.id} is refused as ${refusal}.`);
  if (refusal) return view;
  const next = foldFrame(view, frame);
  if (vector.changesNothing && next !== view) throw new Error(`${vector.id} changes the view.`);
  return next;
}

/** The code with which `action` is refused; undefined when it succeeds. */
export function codeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof RillError) return error.code;
    throw error;
  }
}

/** A view with its cursor as text, as the vectors write it. */
export function writtenView(view: RunView): Record<string, unknown> {
  return { ...view, cursor: formatCursor(view.cursor) };
}

/** The cursor of a text, as the vectors write it; null when it is refused. */
export function writtenCursor(text: string): object | null {
  return codeOf(() => parseCursor(text)) === undefined ? parseCursor(text) : null;
}
