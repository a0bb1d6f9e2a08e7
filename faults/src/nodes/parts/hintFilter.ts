/**
 * Drops, repeats, delays or reorders the notifications that Postgres sends over one connection, and passes everything
 * else unchanged. Each message of Postgres begins with one byte for its type and four for its length.
 */

export type HintFault =
  | { readonly kind: 'lost'; readonly share: number; readonly random: () => number }
  | { readonly kind: 'repeated'; readonly times: number }
  | { readonly kind: 'late'; readonly delayMs: number }
  /** Every second one waits until the next has overtaken it, at most for this long. */
  | { readonly kind: 'reordered'; readonly longestDelayMs: number };

const notification = 'A'.charCodeAt(0);
const headBytes = 5;

export type HintFilter = (bytes: Buffer, fault: HintFault | null, deliver: (bytes: Buffer) => void) => void;

/** Makes a filter for one connection, used from its first byte on. */
export function createHintFilter(): HintFilter {
  let rest = Buffer.alloc(0);
  const state: SpoilState = { overtaken: null };
  return (bytes, fault, deliver) => {
    let buffer = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const passed: Buffer[] = [];
    while (buffer.length >= headBytes) {
      const length = 1 + buffer.readUInt32BE(1);
      if (buffer.length < length) break;
      const message = buffer.subarray(0, length);
      buffer = buffer.subarray(length);
      if (message[0] === notification && fault) spoil(message, fault, state, passed, deliver);
      else passed.push(message);
    }
    rest = Buffer.from(buffer);
    if (passed.length > 0) deliver(Buffer.concat(passed));
  };
}

interface SpoilState {
  /** Delivers the hint that waits to be overtaken; null when none waits. */
  overtaken: (() => Buffer) | null;
}

function spoil(
  message: Buffer,
  fault: HintFault,
  state: SpoilState,
  passed: Buffer[],
  deliver: (bytes: Buffer) => void,
): void {
  switch (fault.kind) {
    case 'lost':
      if (fault.random() >= fault.share) passed.push(message);
      return;
    case 'repeated':
      for (let count = 0; count < fault.times; count += 1) passed.push(message);
      return;
    case 'late':
      deliverLater(fault.delayMs);
      return;
    case 'reordered':
      if (state.overtaken) passed.push(message, state.overtaken());
      else state.overtaken = hold(fault.longestDelayMs);
  }

  function deliverLater(delayMs: number): void {
    const copy = Buffer.from(message);
    setTimeout(() => deliver(copy), delayMs).unref();
  }

  function hold(longestMs: number): () => Buffer {
    const copy = Buffer.from(message);
    const take = (): Buffer => {
      clearTimeout(timer);
      state.overtaken = null;
      return copy;
    };
    const timer = setTimeout(() => deliver(take()), longestMs).unref();
    return take;
  }
}
