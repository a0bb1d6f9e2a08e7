/**
 * Builds the headers and the body of a provider call from the settings and an `LlmRequest`. Pure. Every server gets the
 * same fields: what one server refuses is left out by its request form, never by its address.
 */
import type { GenerationOptions, JsonObject, ProviderRouting } from '@rill/protocol';
import {
  contentOf,
  isPdf,
  type MessageWithFiles,
  type ProviderContent,
  parserPlugins,
} from './contentParts.ts';
import type { RequestForm } from './requestForm.ts';
import { buildWebFields, type WebAccess, webFields } from './webTools.ts';

export interface ProviderMessage extends MessageWithFiles {
  readonly role: 'system' | 'user' | 'assistant';
  /** What a service read in the files before an answer, as it sent it, so that they are not parsed again. */
  readonly annotations?: readonly JsonObject[];
  /** The thinking behind this answer. */
  readonly thought?: Thought;
}

/** A model's thinking, in its provider's form; it is sent back only to that model. */
export interface Thought {
  /** As it was asked for. */
  readonly model: string;
  readonly details: readonly JsonObject[];
}

/** One request to the provider. */
export interface LlmRequest {
  readonly model: string;
  /** Oldest first. */
  readonly messages: readonly ProviderMessage[];
  /** Longest answer in tokens; `options.maxTokens` overrides it. Always sent: see `buildBody`. */
  readonly maxTokens: number;
  /** The chat's id: OpenRouter keeps a session on one provider, whose prompt cache is warm. */
  readonly sessionId: string;
  /** Stable pseudonym of the user, so that abuse by one user is not held against all. */
  readonly userId?: string;
  readonly options?: GenerationOptions;
  /** The output types to request, if the model can produce more than text. */
  readonly modalities?: readonly string[];
  /** Absent if the model may not use the web. */
  readonly web?: WebAccess;
  /** Absent if the provider's list does not tell: then every option is sent. */
  readonly features?: ModelFeatures | undefined;
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

/** The parameters that the model supports, according to the provider's list. */
export interface ModelFeatures {
  /** In the provider's terms; null if unknown. */
  readonly supportedParameters: readonly string[] | null;
  /** True when the server routes to other providers and takes thinking as an object, as OpenRouter does. */
  readonly isRouter: boolean;
}

/** The provider's address and how to sign in. */
export interface ProviderSettings {
  /** Without the endpoint, user, password and query: https://openrouter.ai/api/v1. A slash at the end is allowed. */
  readonly baseUrl: string;
  /** Appended to the path of every request: `?api-version=1`, or ''. */
  readonly query: string;
  /** `user:password` for Basic sign-in, if there is no key; null for none. */
  readonly basicAuth: string | null;
  /** Null for servers that need none. */
  readonly apiKey: string | null;
  /** Public address of this Rill, for app attribution. */
  readonly appUrl: string;
  readonly appTitle: string;
}

/**
 * Headers of every call. Source: OpenRouter's API reference, "Headers". No compression, because compressed event
 * streams arrive in bursts.
 */
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
 * Builds the body of a request in the form that the server accepts, from the result of `buildParameters`. An answer
 * limit is always sent at first: without one OpenRouter checks the balance against the model's whole output limit. Its
 * name is `max_tokens`, OpenRouter's older one, which OpenAI-compatible servers know too.
 */
export function buildBody(
  request: LlmRequest,
  form: RequestForm,
  { model, ...parameters }: Readonly<Record<string, unknown>>,
): string {
  return JSON.stringify({ model, messages: toMessages(request, form), ...parameters });
}

/** The fields of the body except the messages. Unsupported parameters are not sent. */
export function buildParameters(
  request: LlmRequest,
  form: RequestForm,
  callLimit: number,
): Record<string, unknown> {
  const { options = {}, features } = request;
  const takes = (name: string) => features?.supportedParameters?.includes(name) ?? true;
  const fields: Record<string, unknown> = {
    model: request.model.toWellFormed(),
    stream: true,
    stream_options: { include_usage: true },
    ...(form.limitName !== null && { [form.limitName]: limitOf(request, form, callLimit) }),
    temperature: takes('temperature') ? options.temperature : undefined,
    top_p: takes('top_p') ? options.topP : undefined,
    seed: takes('seed') ? options.seed : undefined,
    stop: takes('stop') ? options.stop?.map((text) => text.toWellFormed()) : undefined,
    user: request.userId,
    models: options.fallbackModels?.length ? options.fallbackModels : undefined,
    ...thinkingFields(options.reasoning, features),
    provider: toRouting(options.provider, features?.isRouter ?? true),
    modalities: request.modalities,
    plugins: request.messages.some(hasPdf) ? parserPlugins(options.pdfEngine) : undefined,
    cache_control: isCachedOnRequest(request) ? { type: 'ephemeral' } : undefined,
    ...(request.web && !refusesWeb(form) && buildWebFields(request.web)),
  };
  for (const name of form.leftOut)
    if (name !== 'provider' || !isPrivate(options.provider)) delete fields[name];
  if (fields.stream !== true) Object.assign(fields, { stream: false, stream_options: undefined });
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/**
 * A router takes the effort in an object. Other servers know only the word, which OpenRouter also accepts: it is sent
 * if the list does not tell.
 */
function thinkingFields(
  reasoning: GenerationOptions['reasoning'],
  features: ModelFeatures | undefined,
): Record<string, unknown> {
  if (!reasoning) return {};
  const { effort, maxTokens } = reasoning;
  const supported = features?.supportedParameters;
  const takesObject = supported?.includes('reasoning') ?? features?.isRouter ?? false;
  if (takesObject || (!supported && maxTokens !== undefined))
    return { reasoning: { effort, max_tokens: maxTokens } };
  return !supported || supported.includes('reasoning_effort') ? { reasoning_effort: effort } : {};
}

/** True if only providers without data retention may be used. This is always sent, whatever a server refuses. */
export function isPrivate(routing: ProviderRouting | undefined): boolean {
  return routing?.zdr === true || routing?.dataCollection === 'deny';
}

/** A server that is not a router knows no provider names. */
function toRouting(routing: ProviderRouting | undefined, isRouter: boolean): unknown {
  if (!routing || !(isRouter || isPrivate(routing))) return undefined;
  const { order = [], only = [], dataCollection, zdr } = routing;
  const fields = {
    ...(isRouter && order.length > 0 && { order }),
    ...(isRouter && only.length > 0 && { only }),
    ...(dataCollection && { data_collection: dataCollection }),
    ...(zdr && { zdr }),
  };
  return Object.keys(fields).length > 0 ? fields : undefined;
}

/** True if the server supports no tools, or no limit of their cost. */
export const refusesWeb = ({ leftOut }: RequestForm): boolean =>
  webFields.some((field) => leftOut.includes(field));

/** Makers whose models cache the beginning of a prompt only on request; others always do. */
const cachingOnRequest = /^~?(?:anthropic|qwen)\//;

/**
 * Writing a beginning to the cache costs a quarter more, and reading it costs a tenth, so caching pays from the second
 * turn on. No model caches shorter prompts. In UTF-8: about 1,024 tokens.
 */
const minCachedBytes = 4096;

function isCachedOnRequest({ model, messages }: LlmRequest): boolean {
  if (!cachingOnRequest.test(model) || !messages.some(({ role }) => role === 'assistant')) return false;
  return messages.reduce((sum, message) => sum + bytesOf(message), 0) >= minCachedBytes;
}

const filesOf = ({ filesBefore = [], files = [] }: ProviderMessage) => [...filesBefore, ...files];
const hasPdf = (message: ProviderMessage): boolean => filesOf(message).some(isPdf);

const bytesOf = (message: ProviderMessage): number =>
  filesOf(message).reduce((sum, { bytes }) => sum + bytes.byteLength, Buffer.byteLength(message.content));

interface WireMessage {
  readonly role: ProviderMessage['role'];
  readonly content: ProviderContent;
  readonly annotations?: readonly JsonObject[];
  readonly reasoning_details?: readonly JsonObject[];
}

function toMessages({ model, messages, features }: LlmRequest, form: RequestForm): WireMessage[] {
  // Another model cannot read it, and a server that is not a router does not know the field.
  const isReadable = ({ thought }: ProviderMessage) =>
    features?.isRouter === true && thought?.model === model;
  const whole = messages.map((message) => ({
    role: message.role,
    content: contentOf(message),
    ...(message.annotations && { annotations: message.annotations }),
    ...(isReadable(message) && { reasoning_details: message.thought?.details ?? [] }),
  }));
  const [system, first, ...rest] = whole;
  if (!form.foldsSystem || system?.role !== 'system') return whole;
  if (first?.role !== 'user') return [{ role: 'user', content: system.content }, ...whole.slice(1)];
  return [{ role: 'user', content: joinContents(system.content, first.content) }, ...rest];
}

/** A system prompt is always text. */
function joinContents(system: ProviderContent, content: ProviderContent): ProviderContent {
  if (typeof system === 'string' && typeof content === 'string') return `${system}\n\n${content}`;
  return [system, content].flatMap((each) =>
    typeof each === 'string' ? [{ type: 'text' as const, text: each }] : each,
  );
}

/** HTTP headers allow visible ASCII only; other characters of a title are dropped. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '').trim();
}
