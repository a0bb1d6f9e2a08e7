/** Settings and one `LlmRequest` to the URL, headers and body that the provider is sent; pure. */
import type { GenerationOptions } from '@rill/protocol';

export interface ProviderMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** One question to the provider. */
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
  /** Stable pseudonym of the person: abuse by one is then not held against all. */
  readonly userId?: string;
  readonly options?: GenerationOptions;
  /** Limits on waiting, in milliseconds, each at least 1. */
  readonly timeouts: {
    /** Until the connection stands (TCP and TLS). Past it: connect_timeout. */
    readonly connectMs: number;
    /** From the start of each attempt until the model's first delta. Past it: first_delta_timeout. */
    readonly firstDeltaMs: number;
    /** Between two completion chunks after the first delta. Past it: idle_timeout. */
    readonly idleMs: number;
  };
}

/** Who is asked, and as whom. */
export interface ProviderSettings {
  /** Without the endpoint: https://openrouter.ai/api/v1. A slash at the end is allowed. */
  readonly baseUrl: string;
  /** Null for servers that need none. */
  readonly apiKey: string | null;
  /** Public address of this Rill, for app attribution. */
  readonly appUrl: string;
  readonly appTitle: string;
}

/** What is asked for, below the base URL. */
export type EndpointPath = 'chat/completions' | 'models' | `generation?id=${string}`;

export function endpointUrl(settings: ProviderSettings, path: EndpointPath): string {
  return `${settings.baseUrl.replace(/\/+$/, '')}/${path}`;
}

/** Headers of every call. Source: openrouter.md section 1; compressed event streams arrive in bursts. */
export function buildHeaders(settings: ProviderSettings, accept: string): Record<string, string> {
  return {
    ...(settings.apiKey !== null && { authorization: `Bearer ${settings.apiKey}` }),
    accept,
    'accept-encoding': 'identity',
    'content-type': 'application/json',
    'http-referer': headerText(settings.appUrl),
    'x-openrouter-title': headerText(settings.appTitle),
    'x-openrouter-categories': 'general-chat',
  };
}

/**
 * Body of a streamed completion. A limit is always sent: without one OpenRouter checks the balance against the
 * model's whole output limit. It is sent as `max_tokens`, OpenRouter's older name, because it is the one name
 * that OpenRouter and OpenAI-compatible servers both know.
 */
export function buildBody(request: LlmRequest, baseUrl: string): string {
  const { options = {} } = request;
  return JSON.stringify({
    model: request.model,
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: options.maxTokens ?? request.maxTokens,
    temperature: options.temperature,
    top_p: options.topP,
    seed: options.seed,
    stop: options.stop,
    user: request.userId,
    ...(knowsOpenRouterFields(baseUrl) ? openRouterFields(request) : standardFields(options)),
  });
}

function openRouterFields({ fallbackModels = [], sessionId, options = {} }: LlmRequest): object {
  const { reasoning } = options;
  return {
    models: fallbackModels.length > 0 ? fallbackModels : undefined,
    session_id: sessionId,
    reasoning: reasoning && { effort: reasoning.effort, max_tokens: reasoning.maxTokens },
  };
}

function standardFields({ reasoning }: GenerationOptions): object {
  return { reasoning_effort: reasoning?.effort };
}

/**
 * Strict OpenAI-compatible services refuse a request with fields that they do not know. OpenRouter, gateways that
 * keep its path, and local servers (which ignore unknown fields, or are the simulator) get OpenRouter's own.
 */
export function knowsOpenRouterFields(baseUrl: string): boolean {
  const { hostname, pathname } = new URL(baseUrl);
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  const isOpenRouter = hostname === 'openrouter.ai' || hostname.endsWith('.openrouter.ai');
  return isOpenRouter || isLocal || /\/api\/v1\/*$/.test(pathname);
}

/** HTTP headers carry visible ASCII; the rest of a title is left out rather than refused by the socket. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '').trim();
}
