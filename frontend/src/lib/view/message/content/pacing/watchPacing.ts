/** Decides whether a growing text may be spread over frames; a text that is not being watched may not. */
import type { Printing } from '../../../../markdown/dom/timing/printing.ts';
import { readTextAtOnce } from '../../../comfort/comfortChoices.ts';

/** Text that was written while the tab was hidden is drawn with the first frames after that. */
const backAfterMs = 300;

export interface PacingWatch {
  readonly isWanted: boolean;
  /** False where nothing is to move by itself: reduced motion, a hidden tab, a print. */
  readonly isMoving: boolean;
  end(): void;
}

export interface PacedDrawing {
  prepare(): void;
  /** Draws what waits now. */
  finish(): void;
}

export function watchPacing(printing: Printing, paced: PacedDrawing): PacingWatch {
  const isOff = readTextAtOnce().value;
  const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  const preparing = setTimeout(() => paced.prepare());
  let backAtMs = Number.NEGATIVE_INFINITY;
  const onVisibility = () => {
    backAtMs = performance.now();
    paced.finish();
  };
  document.addEventListener('visibilitychange', onVisibility);
  const unwatchPrinting = printing.watch((isBegun) => isBegun && paced.finish());
  return {
    get isWanted() {
      return !isOff && this.isMoving;
    },
    get isMoving() {
      if (reducedMotion.matches || document.hidden || printing.isOn) return false;
      return performance.now() - backAtMs > backAfterMs;
    },
    end() {
      clearTimeout(preparing);
      document.removeEventListener('visibilitychange', onVisibility);
      unwatchPrinting();
    },
  };
}
