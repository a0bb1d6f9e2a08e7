/**
 * Marks the shown chat as read while the user can see it. In a hidden tab an answer stays unread, and so does one whose
 * text is not loaded yet: marked earlier, the chat would change while it is being loaded, and be loaded twice.
 */
import { createSubscriber } from 'svelte/reactivity';
import type { WorkspaceState } from '../../chat/workspace/workspaceState.svelte.ts';

/** Call it while a component is set up. */
export function markShownAsRead(workspace: WorkspaceState): void {
  const followVisibility = createSubscriber((update) => {
    document.addEventListener('visibilitychange', update);
    return () => document.removeEventListener('visibilitychange', update);
  });
  const shown = $derived.by(() => {
    const { current } = workspace;
    if (!current?.chat) return null;
    const listed = workspace.chatsByProject[current.projectId]?.find(({ id }) => id === current.chatId);
    return listed ?? current.chat;
  });
  $effect(() => {
    followVisibility();
    if (shown?.unread && !shown.isTemporary && document.visibilityState === 'visible')
      void workspace.chatActs.markRead(shown);
  });
}
