/**
 * Serves one HTTP exchange from first byte to outcome. Every request ends with exactly one outcome. Its signal aborts
 * when the connection is gone, which stops every timer of the answer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RecordedRequest } from './exchange/requestLog.ts';
import { ResponseSink } from './exchange/responseSink.ts';
import { parseJson } from './jsonData.ts';
import { routeRequest } from './routeRequest.ts';
import type { SimulatorParts } from './simulatorParts.ts';
import { createKeyLeak, errorAnswer, noKeyLeak } from './wire/errorAnswers.ts';

const maxBodyBytes = 64 * 1024 * 1024;

/** Reads, records and answers one request; never rejects. */
export async function serveExchange(
  request: IncomingMessage,
  response: ServerResponse,
  parts: SimulatorParts,
): Promise<void> {
  const bodyText = await readBody(request);
  if (bodyText === undefined) return;
  const recorded = parts.log.add({
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: bodyText === '' ? undefined : (parseJson(bodyText) ?? bodyText),
  });
  const sink = new ResponseSink(response, followConnection(response, recorded, parts));
  const { authorization } = request.headers;
  const leak = parts.options.echoKeyInErrors && authorization ? createKeyLeak(authorization) : noKeyLeak;
  try {
    await routeRequest({ recorded, bodyText, sink, leak }, parts);
  } catch (error) {
    if (!sink.signal.aborted) failVisibly(error, response, recorded, parts);
  }
}

/** A signal that aborts on disconnect; the outcome is recorded before it does. */
function followConnection(
  response: ServerResponse,
  recorded: RecordedRequest,
  parts: SimulatorParts,
): AbortSignal {
  const connection = new AbortController();
  response.once('finish', () => parts.log.settle(recorded, 'completed'));
  const onClose = (): void => {
    parts.log.settle(recorded, 'aborted');
    connection.abort();
  };
  // A client may disconnect before its body was completely read and recorded.
  if (response.destroyed || response.socket?.destroyed !== false) onClose();
  else response.once('close', onClose);
  return connection.signal;
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let lengthBytes = 0;
  try {
    for await (const bytes of request) {
      lengthBytes += bytes.length;
      if (lengthBytes > maxBodyBytes) {
        request.destroy();
        return undefined;
      }
      parts.push(bytes);
    }
  } catch {
    // The client disconnected during its own request: there is nothing to record and no connection to answer on.
    return undefined;
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Answers with a 500 after an error of the simulator itself, such as a script that cannot be written as JSON. */
function failVisibly(
  error: unknown,
  response: ServerResponse,
  recorded: RecordedRequest,
  parts: SimulatorParts,
): void {
  parts.log.settle(recorded, 'cut');
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, body } = errorAnswer(
    500,
    `Simulator failed: ${error instanceof Error ? error.message : String(error)}`,
  );
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
