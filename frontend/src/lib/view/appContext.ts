/** The parts every view may need, handed down once by `main.ts`. */
import { createContext } from 'svelte';
import type { WorkspaceState } from '../chat/workspaceState.svelte.ts';
import type { Announcer } from './announcer.svelte.ts';
import type { ShellState } from './shell.svelte.ts';
import type { ThemeState } from './theme.svelte.ts';

export interface AppParts {
  readonly workspace: WorkspaceState;
  readonly announcer: Announcer;
  readonly shell: ShellState;
  readonly theme: ThemeState;
}

export const [getApp, setApp] = createContext<AppParts>();
