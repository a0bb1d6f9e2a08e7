/**
 * Refuses a draft that the server would refuse for its size, without asking it. The text stays in the composer and in the
 * browser's storage, and is sent once it is short enough.
 */
import { RillError } from '@rill/protocol';
import type { DraftClient } from './draftSync.svelte.ts';
import { messageSize } from './messageSize.ts';

/** `maxBodyBytes` is the server's; undefined until it is known. */
export function withDraftLimit(
  putDraft: DraftClient['putDraft'],
  maxBodyBytes: () => number | undefined,
): DraftClient['putDraft'] {
  return async (request) => {
    if (messageSize(request, maxBodyBytes())?.isTooLarge) throw new RillError('body_too_large');
    return await putDraft(request);
  };
}
