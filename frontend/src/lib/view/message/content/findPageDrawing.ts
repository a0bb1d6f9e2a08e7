/** Finds what all texts of the page share; the first text creates it. */
import { PageDrawing } from '../../../markdown/dom/pageDrawing.ts';
import { findPageDrawingSlot } from '../../shell/pageDrawingSlot.ts';

export function findPageDrawing(): PageDrawing {
  const slot = findPageDrawingSlot();
  slot.drawing ??= new PageDrawing();
  return slot.drawing;
}
