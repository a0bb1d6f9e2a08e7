/**
 * Keeps the width of the column and the size of the text. `public/firstPaint.js` applies both before the first paint of
 * the next visit.
 */
import { browserStorage } from '../../chat/storage/browserStorage.ts';
import { createStoredText } from '../../chat/storage/storedText.ts';
import { holdLine } from '../transcript/heldLine.ts';

export const columnWidths = ['narrow', 'normal', 'wide'] as const;
export type ColumnWidth = (typeof columnWidths)[number];

/** Against the size that the browser has for text, which is 16 unless its user chose another. */
export const textSizes = [14, 15, 16, 17, 18, 19, 20] as const;
export const normalTextSize = 16;

const storedWidth = createStoredText(browserStorage('localStorage'), 'rill:column-width');
const storedSize = createStoredText(browserStorage('localStorage'), 'rill:text-size');

export function readColumnWidth(): ColumnWidth {
  return columnWidths.find((width) => width === storedWidth.value) ?? 'normal';
}

export function readTextSize(): number {
  return textSizes.find((size) => String(size) === storedSize.value) ?? normalTextSize;
}

export function chooseColumnWidth(width: ColumnWidth): void {
  storedWidth.value = width;
  reshape(({ dataset }) => {
    if (width === 'normal') delete dataset.columnWidth;
    else dataset.columnWidth = width;
  });
}

export function chooseTextSize(size: number): void {
  storedSize.value = String(size);
  reshape(({ style }) => {
    if (size === normalTextSize) style.removeProperty('--text-scale');
    else style.setProperty('--text-scale', String(size / normalTextSize));
  });
}

/** The line that is being read stays where it is, whatever the text above it does. */
function reshape(change: (root: HTMLElement) => void): void {
  const transcript = document.querySelector<HTMLElement>('[role="log"]');
  const line = transcript && holdLine(transcript);
  change(document.documentElement);
  line?.restore();
}
