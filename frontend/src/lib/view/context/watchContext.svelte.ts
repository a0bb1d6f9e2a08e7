/** Keeps the prediction of the next request up to date while a component shows it. */
import { untrack } from 'svelte';
import type { ChatState } from '../../chat/chatState.svelte.ts';
import { ContextReading } from '../../chat/conversation/contextReading.svelte.ts';
import type { WorkspaceState } from '../../chat/workspace/workspaceState.svelte.ts';

interface WatchOptions {
  readonly workspace: WorkspaceState;
  /** True where nothing is read while an answer is being written: it is read when that has ended. */
  readonly waitsForAnswer: boolean;
}

/** Called while a component is set up. */
export function watchContext(chat: ChatState, { workspace, waitsForAnswer }: WatchOptions): ContextReading {
  const reading = new ContextReading(chat);
  $effect(() => {
    // What a request depends on: its messages and their marks, the draft, the model, the instructions.
    void [chat.messages, chat.draft, workspace.currentModelId, workspace.projects];
    // One that was left is shown until the next is there, and may have been deleted.
    if (workspace.current !== chat) untrack(() => reading.leave());
    else if (chat.chat && !(waitsForAnswer && chat.isRunning)) untrack(() => reading.changed());
  });
  $effect(() => () => reading.dispose());
  return reading;
}
