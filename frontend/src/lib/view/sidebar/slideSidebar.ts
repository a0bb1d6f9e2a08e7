/**
 * Opens and closes the sidebar with an animation. The page is laid out once, in its final state; the movement is only
 * drawn: the column glides from its former position, and the sidebar slides in.
 */
import { tick } from 'svelte';
import { prefersReducedMotion } from 'svelte/motion';
import type { ShellState } from '../shell/shellState.svelte.ts';

const durationMs = 200;
const easing = 'cubic-bezier(0.2, 0, 0, 1)';
/** How far the sidebar has slid in, in pixels. */
const slidePx = 24;

export async function slideSidebar(shell: ShellState): Promise<void> {
  const main = document.querySelector('.main');
  const before = main?.getBoundingClientRect();
  shell.toggleSidebar();
  if (!main || !before || shell.isNarrow || prefersReducedMotion.current) return;
  await tick();
  const after = main.getBoundingClientRect();
  const wayPx = before.left + before.width / 2 - (after.left + after.width / 2);
  const options = { duration: durationMs, easing };
  main.animate([{ translate: `${wayPx}px 0` }, { translate: '0 0' }], options);
  const side = wayPx < 0 ? -slidePx : slidePx;
  document.querySelector('.workspace > :is(.sidebar, .rail)')?.animate(
    [
      { translate: `${side}px 0`, opacity: 0 },
      { translate: '0 0', opacity: 1 },
    ],
    options,
  );
}
