/** Animates the composer to its new position after a change, so that it is recognised as the same one. */
import { tick } from 'svelte';
import { prefersReducedMotion } from 'svelte/motion';

const durationMs = 220;

export async function glideComposer(change: () => void): Promise<void> {
  const composer = document.querySelector('.composer');
  const topPx = composer?.getBoundingClientRect().top;
  change();
  await tick();
  if (!composer?.isConnected || topPx === undefined || prefersReducedMotion.current) return;
  const wayPx = topPx - composer.getBoundingClientRect().top;
  if (wayPx === 0) return;
  const easing = 'cubic-bezier(0.2, 0, 0, 1)';
  composer.animate([{ translate: `0 ${wayPx}px` }, { translate: '0 0' }], { duration: durationMs, easing });
}
