/**
 * Makes a jump inside a chat an entry of the browser's history: Back returns to the former position. The position is
 * stored as blocks and not as pixels, because heights change while messages are drawn.
 */
import { type HeldBlock, holdTopBlocks, movedDownPx } from '../scrollAnchor.ts';
import type { ScrollFollow } from '../scrollFollow.svelte.ts';

interface ReturnPoint {
  readonly wasFollowing: boolean;
  readonly blocks: readonly HeldBlock[];
}

export class JumpReturns {
  readonly #points: ReturnPoint[] = [];
  readonly #follow: ScrollFollow;
  readonly #onReturn: () => void;

  constructor(follow: ScrollFollow, onReturn: () => void) {
    this.#follow = follow;
    this.#onReturn = onReturn;
  }

  /** Stores what is in view before it is left. */
  leave(transcript: HTMLElement): void {
    const column = transcript.querySelector('.column');
    this.#points.push({
      wasFollowing: this.#follow.isFollowing,
      blocks: column ? holdTopBlocks(column, transcript) : [],
    });
    history.pushState({ jump: this.#points.length }, '', location.href);
  }

  /** Listens to Back as long as the chat is shown. */
  watch(transcript: HTMLElement): () => void {
    const onpopstate = (event: PopStateEvent) => {
      const state: unknown = event.state;
      const jump = typeof state === 'object' && state !== null && 'jump' in state ? Number(state.jump) : 0;
      // Forward leads to an entry whose jump is over.
      if (jump >= this.#points.length) return;
      const [point] = this.#points.splice(jump);
      if (!point) return;
      this.#onReturn();
      if (point.wasFollowing) this.#follow.toEnd();
      else transcript.scrollTop += movedDownPx(point.blocks, transcript);
    };
    window.addEventListener('popstate', onpopstate);
    return () => window.removeEventListener('popstate', onpopstate);
  }
}
