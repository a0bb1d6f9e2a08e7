/** Chooses the model of a new chat: the last one that was chosen in this browser. */
import type { ModelList, Project } from '@rill/protocol';
import type { StoredText } from './storedText.ts';

/**
 * The model of the project overrides the one that was chosen last. A model that the server no longer lists is not used,
 * unless it is pinned, as presets and other names that are in no list can be.
 */
export function modelOfNewChat(
  { projects, modelList }: { readonly projects: readonly Project[]; readonly modelList: ModelList | null },
  { value }: StoredText,
  projectId: string,
): string | null {
  const project = projects.find(({ id }) => id === projectId);
  const models = modelList?.models ?? [];
  const isOffered =
    models.length === 0 ||
    models.some(({ id }) => id === value) ||
    modelList?.pinnedModels?.includes(value ?? '');
  return isOffered && !project?.defaultModel ? value : null;
}
