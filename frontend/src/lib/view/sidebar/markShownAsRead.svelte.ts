/** Marks the shown chat as read while the user can see it: in a tab that is hidden an answer stays unread. */
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
    const listed =
      current && workspace.chatsByProject[current.projectId]?.find(({ id }) => id === current.chatId);
    return listed ?? current?.chat ?? null;
  });
  $effect(() => {
    followVisibility();
    if (shown?.unread && !shown.isTemporary && document.visibilityState === 'visible')
      void workspace.chatActs.markRead(shown);
  });
}
