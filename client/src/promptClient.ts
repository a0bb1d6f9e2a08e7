/** Makes the client's functions for saved prompts. */
import type { CreatePrompt, Prompt, UpdatePrompt } from '@rill/protocol';
import { clientRoutes } from './http/clientRoutes.ts';
import type { JsonCall } from './http/request.ts';
import type { ClientRoute } from './http/routePath.ts';

interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

export interface PromptClient {
  /** Lists one page of prompts, oldest first. */
  listPrompts(
    request?: { readonly limit?: number; readonly pageToken?: string } & Abortable,
  ): Promise<{ prompts: Prompt[]; nextPageToken: string | null }>;
  createPrompt(request: CreatePrompt & Abortable): Promise<Prompt>;
  updatePrompt(request: { readonly promptId: string } & UpdatePrompt & Abortable): Promise<Prompt>;
  deletePrompt(request: { readonly promptId: string } & Abortable): Promise<void>;
}

type Call = <Result>(route: ClientRoute, request: JsonCall) => Promise<Result>;

export function promptCalls(call: Call): PromptClient {
  const { listPrompts, createPrompt, updatePrompt, deletePrompt } = clientRoutes;
  return {
    listPrompts: ({ signal, ...query } = {}) => call(listPrompts, { query, signal }),
    createPrompt: ({ signal, ...body }) => call(createPrompt, { body, signal }),
    updatePrompt: ({ promptId, signal, ...body }) =>
      call(updatePrompt, { params: { promptId }, body, signal }),
    deletePrompt: ({ promptId, signal }) => call(deletePrompt, { params: { promptId }, signal }),
  };
}
