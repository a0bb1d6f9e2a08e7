/** Provides the parts that every view may need, from `main.ts`. */
import type { RunReceipt } from '@rill/protocol';
import { createContext } from 'svelte';
import type { FileUploads } from '../../chat/files/fileUploads.svelte.ts';
import type { ProjectFileServer } from '../../chat/files/projectFiles.svelte.ts';
import type { FinishedAnswers } from '../../chat/finished/finishedAnswers.svelte.ts';
import type { ImportServer } from '../../chat/imports/importState.svelte.ts';
import type { UsageNews } from '../../chat/money/usageNews.svelte.ts';
import type { MoneyClient } from '../../chat/money/usageReading.svelte.ts';
import type { Router } from '../../chat/navigation/router.svelte.ts';
import type { PromptServer } from '../../chat/prompts/promptLibrary.svelte.ts';
import type { KeyClient } from '../../chat/providerKey/providerKeyState.svelte.ts';
import type { SearchServer } from '../../chat/search/messageSearch.svelte.ts';
import type { WorkspaceState } from '../../chat/workspace/workspaceState.svelte.ts';
import type { EnterKey } from '../composer/enterKey.svelte.ts';
import type { ExportServer } from '../exports/exportServer.ts';
import type { Keymap } from '../keyboard/keymap.svelte.ts';
import type { Announcer } from './announcer.svelte.ts';
import type { ShellState } from './shellState.svelte.ts';
import type { ThemeState } from './theme.svelte.ts';

export interface AppParts {
  readonly workspace: WorkspaceState;
  readonly router: Router;
  readonly announcer: Announcer;
  readonly shell: ShellState;
  readonly theme: ThemeState;
  readonly enterKey: EnterKey;
  readonly keymap: Keymap;
  readonly answers: FinishedAnswers;
  /** Files on their way to the server. */
  readonly uploads: FileUploads;
  readonly projectFileServer: ProjectFileServer;
  readonly search: SearchServer;
  /** Requests about the provider's key. */
  readonly keyClient: KeyClient;
  readonly importServer: ImportServer;
  readonly exportServer: ExportServer;
  /** Requests about usage and budgets. */
  readonly money: MoneyClient;
  /** Reports that usage has changed. */
  readonly usageNews: UsageNews;
  readonly promptServer: PromptServer;
  /** Reads the request of a run. */
  readonly readReceipt: (runId: string) => Promise<RunReceipt>;
}

export const [getApp, setApp] = createContext<AppParts>();
