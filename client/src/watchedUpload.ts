/**
 * Uploads a file and reports progress, for which browsers need their older API (`XMLHttpRequest`). A page loads it with
 * its first file.
 */
import { type FileReference, isJsonObject, parseJson } from '@rill/protocol';
import { systemClock } from './clientClock.ts';
import { clientRoutes } from './http/clientRoutes.ts';
import { readRefusal, unexpectedAnswerError, unreachableError } from './http/responseError.ts';

export interface WatchedUploadRequest {
  readonly name: string;
  readonly content: Blob;
  readonly chatId?: string;
  readonly signal: AbortSignal;
  /** Share of the bytes that were sent, from 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** Works as `uploadFile` of the client, for a browser that has signed in. `baseUrl`: origin and path before `/api`. */
export async function uploadWatched(baseUrl: string, request: WatchedUploadRequest): Promise<FileReference> {
  const { signal } = request;
  signal.throwIfAborted();
  let response: Response;
  try {
    response = await send(baseUrl, request);
  } catch (cause) {
    signal.throwIfAborted();
    throw unreachableError(cause);
  }
  if (!response.ok) throw (await readRefusal(response, systemClock.nowMs())).error;
  const file = parseJson(await response.text());
  if (!isJsonObject(file) || !clientRoutes.uploadFile.fields.every((field) => Object.hasOwn(file, field)))
    throw unexpectedAnswerError(response.status);
  // Here the server is trusted, as in every other call.
  return file as unknown as FileReference;
}

function send(
  baseUrl: string,
  { name, content, chatId, signal, onProgress }: WatchedUploadRequest,
): Promise<Response> {
  const query = new URLSearchParams({ name, ...(chatId !== undefined && { chatId }) });
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open('POST', `${baseUrl}${clientRoutes.uploadFile.path}?${query}`);
    request.setRequestHeader('accept', 'application/json');
    // Only a hint: the server looks at the content.
    request.setRequestHeader('content-type', content.type || 'application/octet-stream');
    request.upload.onprogress = ({ loaded, total }) => {
      if (total > 0) onProgress(loaded / total);
    };
    request.onload = () => resolve(new Response(request.responseText, { status: request.status }));
    request.onerror = () => reject(new Error('The connection failed.'));
    request.onabort = () => reject(new Error('The upload was given up.'));
    request.onloadend = () => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort);
    request.send(content);
  });
}
