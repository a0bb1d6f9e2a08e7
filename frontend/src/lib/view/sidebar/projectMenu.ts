/** Makes the menu of a project, the same in the sidebar and on its page. */
import type { Project } from '@rill/protocol';
import type { WorkspaceState } from '../../chat/workspace/workspaceState.svelte.ts';
import type { MenuItem, ShellState } from '../shell/shellState.svelte.ts';
import { orderStrings } from '../strings/orderStrings.ts';
import { projectStrings } from '../strings/projectStrings.ts';

export interface ProjectMenuOptions {
  readonly workspace: WorkspaceState;
  readonly shell: ShellState;
  readonly project: Project;
}

export function projectMenu({ workspace, shell, project }: ProjectMenuOptions): MenuItem[] {
  const chatCount = workspace.hasMoreChats(project.id)
    ? null
    : (workspace.chatsByProject[project.id]?.length ?? 0);
  return [
    {
      label: projectStrings.settings,
      onSelect: () => (shell.layer = { type: 'project-settings', project }),
    },
    { label: orderStrings.rename, onSelect: () => (shell.layer = { type: 'rename-project', project }) },
    {
      label: orderStrings.delete,
      isDangerous: true,
      onSelect: () => (shell.layer = { type: 'delete-project', project, chatCount }),
    },
  ];
}
