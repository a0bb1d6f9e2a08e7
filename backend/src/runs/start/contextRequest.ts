/**
 * Collects the input of the context decision for a chat: model, limits, instructions. A send and its prediction use the
 * same.
 */
import type { Chat, FileReference, GenerationOptions, Project } from '@rill/protocol';
import type { ContextRequest } from '../../context/buildContext.ts';
import type { RunDependencies } from '../runDependencies.ts';

/**
 * The requested model, else that of the chat, the project, the server, or the catalog. A name that the provider does
 * not list is used unchanged: presets, aliases and names without their tag are never listed.
 */
export function chooseModel(
  { models, settings }: Pick<RunDependencies, 'models' | 'settings'>,
  requested: string | undefined,
  chat: Pick<Chat, 'model'>,
  project: Project,
): string {
  return requested ?? chat.model ?? project.defaultModel ?? settings.defaultModel ?? models.defaultModel();
}

interface AnswerRequest {
  readonly project: Project;
  readonly model: string;
  readonly options: GenerationOptions;
  readonly branch: ContextRequest['branch'];
  readonly projectFiles: readonly FileReference[];
}

export function contextRequest(
  { models, llm, settings }: Pick<RunDependencies, 'models' | 'llm' | 'settings'>,
  { project, model, options, branch, projectFiles }: AnswerRequest,
): ContextRequest {
  const known = models.find(model);
  const wantedTokens = options.maxTokens ?? settings.maxTokens;
  return {
    systemPrompt: project.systemPrompt,
    branch,
    projectFiles,
    // If the provider does not tell, it is tried.
    seesPictures: known?.inputModalities?.includes('image') ?? true,
    // The length from a server's refusal is more reliable than its list.
    contextLengthTokens: llm.contextLengthOf(model) ?? known?.contextLengthTokens ?? null,
    maxTokens: Math.min(wantedTokens, known?.maxCompletionTokens ?? wantedTokens),
  };
}
