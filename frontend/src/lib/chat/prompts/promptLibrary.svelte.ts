/** Holds the saved prompts while a part of the page shows them. Failures are reported in one sentence. */
import type { RillClient } from '@rill/client/source';
import type { CreatePrompt, Prompt, UpdatePrompt } from '@rill/protocol';
import { asRillError } from '../rillError.ts';

export type PromptServer = Pick<RillClient, 'listPrompts' | 'createPrompt' | 'updatePrompt' | 'deletePrompt'>;

export class PromptLibrary {
  /** Sorted by name; null until they were read. */
  prompts = $state.raw<readonly Prompt[] | null>(null);
  failure = $state<string | null>(null);
  /** The prompt that was deleted last, while that can be undone. */
  deleted = $state.raw<Prompt | null>(null);
  readonly #server: PromptServer;

  constructor(server: PromptServer) {
    this.#server = server;
  }

  async load(): Promise<void> {
    await this.#attempt(async () => {
      const all: Prompt[] = [];
      for (let pageToken: string | null | undefined; pageToken !== null; ) {
        const page = await this.#server.listPrompts({ limit: 500, ...(pageToken && { pageToken }) });
        all.push(...page.prompts);
        pageToken = page.nextPageToken;
      }
      this.#show(all);
    });
  }

  /** True when it was saved. */
  save(prompt: CreatePrompt): Promise<boolean> {
    return this.#attempt(async () => this.#put(await this.#server.createPrompt(prompt)));
  }

  change(promptId: string, change: UpdatePrompt): Promise<boolean> {
    return this.#attempt(async () => this.#put(await this.#server.updatePrompt({ promptId, ...change })));
  }

  delete(prompt: Prompt): Promise<boolean> {
    return this.#attempt(async () => {
      await this.#server.deletePrompt({ promptId: prompt.id });
      this.#show((this.prompts ?? []).filter(({ id }) => id !== prompt.id));
      this.deleted = prompt;
    });
  }

  /** Restores the prompt that was deleted last, under its id. */
  async undo(): Promise<void> {
    const { deleted } = this;
    if (!deleted) return;
    const { id, name, content, projectId } = deleted;
    if (await this.save({ id, name, content, projectId })) this.deleted = null;
  }

  #put(prompt: Prompt): void {
    this.#show([...(this.prompts ?? []).filter(({ id }) => id !== prompt.id), prompt]);
  }

  #show(prompts: readonly Prompt[]): void {
    this.prompts = [...prompts].sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
  }

  async #attempt(work: () => Promise<void>): Promise<boolean> {
    this.failure = null;
    try {
      await work();
      return true;
    } catch (error) {
      this.failure = asRillError(error).message;
      return false;
    }
  }
}

/** The prompts of a project and of all projects whose name contains the words; matches at its beginning first. */
export function matchingPrompts(
  prompts: readonly Prompt[],
  { projectId, query }: { readonly projectId: string; readonly query: string },
): Prompt[] {
  const wanted = query.toLocaleLowerCase();
  const offered = prompts.filter((prompt) => prompt.projectId === null || prompt.projectId === projectId);
  const rank = ({ name }: Prompt) => name.toLocaleLowerCase().indexOf(wanted);
  return offered
    .filter((prompt) => rank(prompt) >= 0)
    .sort((a, b) => Number(rank(a) > 0) - Number(rank(b) > 0));
}
