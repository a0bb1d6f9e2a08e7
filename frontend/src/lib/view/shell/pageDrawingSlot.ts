/**
 * Provides one slot for what the texts of a page share. The texts fill it, because their script loads after the page's.
 */
import { getContext, setContext } from 'svelte';
import type { PageDrawing } from '../../markdown/dom/pageDrawing.ts';

interface PageDrawingSlot {
  drawing: PageDrawing | null;
}

const slotKey = Symbol('page drawing');

/** For all texts in the calling component. */
export function providePageDrawingSlot(): void {
  setContext<PageDrawingSlot>(slotKey, { drawing: null });
}

/** A text outside of the page's frame has a slot of its own. */
export const findPageDrawingSlot = (): PageDrawingSlot =>
  getContext<PageDrawingSlot | undefined>(slotKey) ?? { drawing: null };
