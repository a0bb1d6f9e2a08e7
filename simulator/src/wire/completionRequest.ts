/** Decodes the body of a chat completion call; all later code works on checked values. */
import { isJsonObject, type JsonObject, parseJson } from '../jsonData.ts';

/** One message, its content flattened to text. */
export interface RequestMessage {
  role: string;
  text: string;
}

/** The parts of the request that the simulator honours. */
export interface CompletionRequest {
  /** The models to try, in order: `model`, then the fallbacks in `models`. Never empty. */
  models: readonly string[];
  messages: readonly RequestMessage[];
  isStream: boolean;
  /** Output limit in tokens; `undefined` = the model's own. */
  maxTokens: number | undefined;
  temperature: number | undefined;
  /** `stream_options.include_usage`, which only an OpenAI-style server reads. */
  includesUsage: boolean;
  /** True when one of the tools is OpenRouter's web search. */
  searchesWeb: boolean;
}

/** Either a request, or the message of a 400. */
export type DecodedRequest = { request: CompletionRequest } | { problem: string };

const roles = new Set(['system', 'developer', 'user', 'assistant', 'tool']);

/** Decodes body text, or returns one sentence that says what is wrong with it. */
export function decodeCompletionRequest(bodyText: string): DecodedRequest {
  const body = parseJson(bodyText);
  if (!isJsonObject(body)) return { problem: 'Request body is not a JSON object' };
  const problem = findProblem(body);
  if (problem !== undefined) return { problem };
  const maxTokens = body.max_completion_tokens ?? body.max_tokens;
  const streamOptions = body.stream_options;
  return {
    request: {
      models: [body.model, ...(Array.isArray(body.models) ? body.models : [])].filter(isText),
      messages: (Array.isArray(body.messages) ? body.messages : []).filter(isJsonObject).map(readMessage),
      isStream: body.stream === true,
      maxTokens: typeof maxTokens === 'number' ? maxTokens : undefined,
      temperature: typeof body.temperature === 'number' ? body.temperature : undefined,
      includesUsage: isJsonObject(streamOptions) && streamOptions.include_usage === true,
      searchesWeb: (Array.isArray(body.tools) ? body.tools : []).some(
        (tool) => isJsonObject(tool) && tool.type === 'openrouter:web_search',
      ),
    },
  };
}

/** The text of the last user message, or ''. */
export function lastUserText(request: CompletionRequest): string {
  return request.messages.findLast((message) => message.role === 'user')?.text ?? '';
}

function findProblem(body: JsonObject): string | undefined {
  return (
    findModelProblem(body) ??
    findMessagesProblem(body.messages) ??
    findLimitProblem(body, 'max_tokens') ??
    findLimitProblem(body, 'max_completion_tokens') ??
    findTemperatureProblem(body.temperature) ??
    (isAbsent(body.stream) || typeof body.stream === 'boolean' ? undefined : 'stream: expected boolean')
  );
}

function findModelProblem(body: JsonObject): string | undefined {
  const { model, models } = body;
  if (!isAbsent(model) && !isText(model)) return 'model: expected a non-empty string';
  if (!isAbsent(models) && !(Array.isArray(models) && models.every(isText))) {
    return 'models: expected an array of strings';
  }
  const isNamed = isText(model) || (Array.isArray(models) && models.length > 0);
  return isNamed ? undefined : 'No models provided';
}

function findMessagesProblem(messages: unknown): string | undefined {
  if (!Array.isArray(messages)) return 'Input required: specify "messages"';
  if (messages.length === 0) return 'messages: expected at least one message';
  const problemAt = messages.findIndex((message) => !isMessage(message));
  return problemAt === -1 ? undefined : `messages.${problemAt}: expected a role and content`;
}

function isMessage(message: unknown): boolean {
  if (!isJsonObject(message) || !isText(message.role) || !roles.has(message.role)) return false;
  const content = message.content;
  if (isAbsent(content)) return message.role === 'assistant';
  return typeof content === 'string' || (Array.isArray(content) && content.every(isJsonObject));
}

function findLimitProblem(body: JsonObject, name: string): string | undefined {
  const limit = body[name];
  if (isAbsent(limit)) return undefined;
  return typeof limit === 'number' && Number.isInteger(limit) && limit >= 1
    ? undefined
    : `${name}: expected an integer of at least 1`;
}

function findTemperatureProblem(temperature: unknown): string | undefined {
  if (isAbsent(temperature)) return undefined;
  return typeof temperature === 'number' && temperature >= 0 && temperature <= 2
    ? undefined
    : 'temperature: expected a number from 0 to 2';
}

function readMessage(message: JsonObject): RequestMessage {
  const content = message.content;
  const text = Array.isArray(content) ? content.map(partText).join('\n') : content;
  return { role: String(message.role), text: typeof text === 'string' ? text : '' };
}

function partText(part: unknown): string {
  if (!isJsonObject(part)) return '';
  return typeof part.text === 'string' ? part.text : `[${String(part.type)}]`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
