/** Defines the options of the workspace, which `main.ts` passes in. */
import type { FeedListener, RillClient } from '@rill/client/source';
import type { ChatClient, ChatStateOptions } from '../chatState.svelte.ts';
import type { Router } from '../navigation/router.svelte.ts';
import type { StoredText } from '../storage/storedText.ts';

export type WorkspaceClient = ChatClient &
  Pick<
    RillClient,
    | 'listProjects'
    | 'createProject'
    | 'updateProject'
    | 'deleteProject'
    | 'listChats'
    | 'createChat'
    | 'keepChat'
    | 'deleteChat'
    | 'listMarkedChats'
    | 'updateChats'
    | 'deleteChats'
    | 'restoreChats'
    | 'emptyBin'
    | 'listModels'
    | 'pinModel'
    | 'signIn'
    | 'signOut'
  >;

/** The options that the workspace passes on to each of its chats. */
type SharedOptions = Pick<
  ChatStateOptions,
  'lastModel' | 'drafts' | 'scheduleFrame' | 'nowMs' | 'newId' | 'newChatId' | 'unsent' | 'announcer'
>;

export interface WorkspaceStateOptions extends SharedOptions {
  readonly client: WorkspaceClient;
  readonly router: Router;
  /** Whether this browser signed in; the cookie itself cannot be read by the page. */
  readonly signInFlag: { value: boolean };
  /** The run that this tab started last, also before a reload. */
  readonly ownRunId: StoredText;
  /** The project that was open last in this browser; without a server a new chat of it can be written. */
  readonly lastProject: StoredText;
  /** Names the build that this page is of; null when it is none. */
  readonly pageBuild: string | null;
  /** Reports all changes from the call on, made here and elsewhere; the returned function stops it. */
  readonly followFeed: (listener: FeedListener) => () => void;
  /** The lists are read once where the feed begins within this time, else before it and again after it. */
  readonly feedStartWaitMs: number;
}
