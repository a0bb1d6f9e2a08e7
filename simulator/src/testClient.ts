/** Calls the simulator from its tests: requests over real sockets, and a reader for whole streams. */
import { request as httpRequest } from 'node:http';
import { isJsonObject, type JsonObject, parseJson } from './jsonData.ts';

/** A key in OpenRouter's form that belongs to no account. */
export const testKey = 'sk-or-v1-test';

/** Posts a chat completion. */
export function complete(url: string, body: JsonObject, init: RequestInit = {}): Promise<Response> {
  return fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }], stream: true, ...body }),
    ...init,
  });
}

/** The JSON objects of a stream's `data:` events, `[DONE]` left out. */
export function readChunks(streamText: string): JsonObject[] {
  return streamText
    .split('\n\n')
    .filter((block) => block.startsWith('data: '))
    .map((block) => parseJson(block.slice('data: '.length)))
    .filter(isJsonObject);
}

/** Texts of one delta field, in order, empty ones left out. */
export function readDeltas(streamText: string, field = 'content'): string[] {
  return readChunks(streamText)
    .map((chunk) => firstChoice(chunk).delta)
    .map((delta) => (isJsonObject(delta) ? delta[field] : undefined))
    .filter((text) => typeof text === 'string')
    .filter((text) => text !== '');
}

/** Choice 0 of a completion chunk or of a whole answer; {} where there is none. */
export function firstChoice(chunk: JsonObject): JsonObject {
  const choice: unknown = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
  return isJsonObject(choice) ? choice : {};
}

/** The bytes that arrived of a response, and whether its body was broken off. */
export interface RawResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  bytes: Buffer;
  isBroken: boolean;
}

/** Posts a chat completion on a connection of its own and keeps what arrives even when it breaks. */
export function completeRaw(url: string, model: string): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${testKey}`, connection: 'close' };
    const call = httpRequest(
      `${url}/chat/completions`,
      { method: 'POST', headers, agent: false },
      (response) => {
        const parts: Buffer[] = [];
        const finish = (isBroken: boolean): void =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes: Buffer.concat(parts),
            isBroken,
          });
        response.on('data', (bytes: Buffer) => parts.push(bytes));
        response.once('end', () => finish(false));
        response.once('error', () => finish(true));
      },
    );
    call.once('error', reject);
    call.end(JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }], stream: true }));
  });
}
