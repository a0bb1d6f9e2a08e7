/** Chooses the dialect of one generation, and makes a generation id in that dialect's form. */
import { randomBytes } from 'node:crypto';
import type { CompletionWire, Dialect, GenerationIdentity } from './completionWire.ts';
import { openAiWire } from './openAiWire.ts';
import { openRouterWire } from './openRouterWire.ts';

/** Makes the wire of one generation. */
export function createCompletionWire(
  dialect: Dialect,
  identity: GenerationIdentity,
  includesUsage: boolean,
): CompletionWire {
  return dialect === 'openrouter' ? openRouterWire(identity) : openAiWire(identity, includesUsage);
}

const idAlphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A generation id as the dialect writes it: `gen-<epoch s>-<20 chars>` or `chatcmpl-<24 chars>`. */
export function createGenerationId(dialect: Dialect, createdSeconds: number): string {
  return dialect === 'openrouter' ? `gen-${createdSeconds}-${randomText(20)}` : `chatcmpl-${randomText(24)}`;
}

function randomText(length: number): string {
  return Array.from(randomBytes(length), (byte) => idAlphabet[byte % idAlphabet.length]).join('');
}
