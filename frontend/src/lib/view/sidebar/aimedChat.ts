/**
 * Prefetches the chat whose link is about to be opened: a mouse stays on it or presses it, a finger presses it, or it
 * gets the keyboard focus. One at a time; a link that the mouse only passes is ignored, and the prefetch of a link it
 * has left is aborted.
 */
import type { Attachment } from 'svelte/attachments';
import type { Router } from '../../chat/navigation/router.svelte.ts';
import type { WorkspaceState } from '../../chat/workspace/workspaceState.svelte.ts';

/** Longer than a row is under a mouse that passes it, and than a row has the focus while an arrow key is held. */
const stayMs = 50;

/** Attached to the container of the links, so that a link costs nothing. */
export function readAimedChat(
  workspace: Pick<WorkspaceState, 'prepare'>,
  router: Pick<Router, 'routeOf'>,
): Attachment<HTMLElement> {
  return (list) => {
    let staysOn: Element | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;

    function read(link: Element | null): void {
      clearTimeout(timer);
      const route = link instanceof HTMLAnchorElement ? router.routeOf(link.pathname) : null;
      workspace.prepare(route?.name === 'chat' ? route : null);
    }

    function stay(link: Element | null): void {
      if (link === staysOn) return;
      staysOn = link;
      clearTimeout(timer);
      if (link) timer = setTimeout(() => read(link), stayMs);
      else read(null);
    }

    const onOver = ({ pointerType, target }: PointerEvent) => {
      if (pointerType === 'mouse') stay(linkAt(target));
    };
    // A finger also leaves when it is lifted, which is before the click.
    const onLeave = ({ pointerType }: PointerEvent) => {
      if (pointerType === 'mouse') stay(null);
    };
    const onPress = ({ button, target }: PointerEvent) => {
      if (button === 0) read(linkAt(target));
    };
    const onFocus = ({ target }: FocusEvent) => {
      if (target instanceof Element && target.matches(':focus-visible')) stay(linkAt(target));
    };
    list.addEventListener('pointerover', onOver);
    list.addEventListener('pointerleave', onLeave);
    list.addEventListener('pointerdown', onPress);
    list.addEventListener('focusin', onFocus);
    return () => {
      clearTimeout(timer);
      list.removeEventListener('pointerover', onOver);
      list.removeEventListener('pointerleave', onLeave);
      list.removeEventListener('pointerdown', onPress);
      list.removeEventListener('focusin', onFocus);
    };
  };
}

const linkAt = (target: EventTarget | null): Element | null =>
  target instanceof Element ? target.closest('a') : null;
