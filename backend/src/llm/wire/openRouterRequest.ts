/**
 * Builds the headers and the body of a provider call from the settings and an `LlmRequest`. Pure. Every server gets the
 * same fields: what one server refuses is left out by its request form, never by its address.
 */
import type { GenerationOptions } from '@rill/protocol';
import type { RequestForm } from './requestForm.ts';
import { buildWebFields, type WebAccess, webFields } from './webTools.ts';

export interface ProviderMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** One request to the provider. */
export interface LlmRequest {
  readonly model: string;
  /** Tried by OpenRouter in this order when `model` fails. Other servers do not know fallbacks. */
  readonly fallbackModels?: readonly string[];
  /** Oldest first. */
  readonly messages: readonly ProviderMessage[];
  /** Longest answer in tokens; `options.maxTokens` overrides it. Always sent: see `buildBody`. */
  readonly maxTokens: number;
  /** The chat's id: OpenRouter keeps a session on one provider, whose prompt cache is warm. */
  readonly sessionId: string;
  /** Stable pseudonym of the user, so that abuse by one user is not held against all. */
  readonly userId?: string;
  readonly options?: GenerationOptions;
  /** Absent when the model may not use the web. */
  readonly web?: WebAccess;
  /** Limits on waiting, in milliseconds, each at least 1. */
  readonly timeouts: {
    /** Until the connection is established (TCP and TLS). Past it: connect_timeout. */
    readonly connectMs: number;
    /** From the start of each attempt until the model's first delta. Past it: first_delta_timeout. */
    readonly firstDeltaMs: number;
    /** Between two completion chunks after the first delta. Past it: idle_timeout. */
    readonly idleMs: number;
  };
}

/** The provider's address and how to sign in. */
export interface ProviderSettings {
  /** Without the endpoint, user, password and query: https://openrouter.ai/api/v1. A slash at the end is allowed. */
  readonly baseUrl: string;
  /** Appended to the path of every request: `?api-version=1`, or ''. */
  readonly query: string;
  /** `user:password` for Basic sign-in, where there is no key; null for none. */
  readonly basicAuth: string | null;
  /** Null for servers that need none. */
  readonly apiKey: string | null;
  /** Public address of this Rill, for app attribution. */
  readonly appUrl: string;
  readonly appTitle: string;
}

/** Headers of every call. Source: openrouter.md section 1. No compression, because compressed event streams arrive in bursts. */
export function buildHeaders(settings: ProviderSettings, accept: string): Record<string, string> {
  const authorization = authorizationOf(settings);
  return {
    ...(authorization !== null && { authorization }),
    accept,
    'accept-encoding': 'identity',
    'content-type': 'application/json',
    'http-referer': headerText(settings.appUrl),
    'x-openrouter-title': headerText(settings.appTitle),
    'x-openrouter-categories': 'general-chat',
  };
}

function authorizationOf({ apiKey, basicAuth }: ProviderSettings): string | null {
  if (apiKey !== null) return `Bearer ${apiKey}`;
  return basicAuth === null ? null : `Basic ${Buffer.from(basicAuth).toString('base64')}`;
}

/**
 * Headers of a chat request. The session is sent here and not in the body: OpenRouter accepts both, and strict servers
 * refuse an unknown field in the body.
 */
export function buildChatHeaders(settings: ProviderSettings, request: LlmRequest): Record<string, string> {
  return {
    ...buildHeaders(settings, 'text/event-stream'),
    'x-session-id': headerText(request.sessionId),
  };
}

/** The answer limit of a request in tokens, within what the form and this call allow. */
export function limitOf(request: LlmRequest, form: RequestForm, callLimit: number): number {
  const wanted = request.options?.maxTokens ?? request.maxTokens;
  return Math.min(wanted, form.answerTokens ?? Number.POSITIVE_INFINITY, callLimit);
}

/**
 * The body of a request in the form that the server accepts. An answer limit is always sent at first: without one OpenRouter
 * checks the balance against the model's whole output limit. Its name is `max_tokens`, OpenRouter's older one, which
 * OpenAI-compatible servers know too. A reasoning effort is also sent in the form that both know.
 */
export function buildBody(request: LlmRequest, form: RequestForm, callLimit: number): string {
  const { options = {}, fallbackModels = [] } = request;
  const { reasoning } = options;
  const hasBudget = reasoning?.maxTokens !== undefined;
  const fields: Record<string, unknown> = {
    model: request.model.toWellFormed(),
    messages: toMessages(request.messages, form),
    stream: true,
    stream_options: { include_usage: true },
    ...(form.limitName !== null && { [form.limitName]: limitOf(request, form, callLimit) }),
    temperature: options.temperature,
    top_p: options.topP,
    seed: options.seed,
    stop: options.stop?.map((text) => text.toWellFormed()),
    user: request.userId,
    models: fallbackModels.length > 0 ? fallbackModels : undefined,
    reasoning: hasBudget ? { effort: reasoning.effort, max_tokens: reasoning.maxTokens } : undefined,
    reasoning_effort: hasBudget ? undefined : reasoning?.effort,
    cache_control: isCachedOnRequest(request) ? { type: 'ephemeral' } : undefined,
    ...(request.web && !refusesWeb(form) && buildWebFields(request.web)),
  };
  for (const name of form.leftOut) delete fields[name];
  if (fields.stream !== true) return JSON.stringify({ ...fields, stream: false, stream_options: undefined });
  return JSON.stringify(fields);
}

/** True when the server knows no tools, or no limit of their cost. */
export const refusesWeb = ({ leftOut }: RequestForm): boolean =>
  webFields.some((field) => leftOut.includes(field));

/** Makers whose models keep the beginning of a prompt only where the request asks for it; others do so by themselves. */
const cachingOnRequest = /^~?(?:anthropic|qwen)\//;

/**
 * A kept beginning costs a quarter more when it is written, and a tenth when it is read: it pays from the second turn on.
 * Shorter prompts are kept by no model. In UTF-8: about 1,024 tokens.
 */
const minCachedBytes = 4096;

function isCachedOnRequest({ model, messages }: LlmRequest): boolean {
  if (!cachingOnRequest.test(model) || !messages.some(({ role }) => role === 'assistant')) return false;
  return messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0) >= minCachedBytes;
}

/** Replaces lone surrogates: strict servers refuse JSON that contains one. */
function toMessages(messages: readonly ProviderMessage[], form: RequestForm): ProviderMessage[] {
  const whole = messages.map(({ role, content }) => ({ role, content: content.toWellFormed() }));
  const [system, first, ...rest] = whole;
  if (!form.foldsSystem || system?.role !== 'system') return whole;
  if (first?.role !== 'user') return [{ role: 'user', content: system.content }, ...whole.slice(1)];
  return [{ role: 'user', content: `${system.content}\n\n${first.content}` }, ...rest];
}

/** HTTP headers allow visible ASCII only; other characters of a title are dropped. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '').trim();
}
