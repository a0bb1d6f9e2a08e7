/** Tests an event stream over a real socket: when what is written leaves the process. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { startOfRun } from '@rill/protocol';
import { buildLog } from '@rill/protocol/conformance/referenceRun.ts';
import { sampleIds } from '@rill/protocol/conformance/sampleEntities.ts';
import { expect, it } from 'vitest';
import { FakeClock } from '../../test/fakeClock.ts';
import { toRecord } from '../log/eventLog.ts';
import { LiveRunSource } from './liveRunSource.ts';
import { sseEncoder } from './sseEncoder.ts';
import { sendEventStream } from './sseResponse.ts';

it('gives its head and each frame to the system at once, before other promises are settled', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const client = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1').resume();
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  const live = new LiveRunSource(sampleIds.runId);
  const [first, chunk] = buildLog([{ kind: 'chunk', text: 'a' }], null).map(toRecord);
  if (first) live.publish(first);
  sendEventStream(response, {
    source: live,
    cursor: startOfRun(sampleIds.runId),
    encoder: sseEncoder,
    clock: new FakeClock(),
    heartbeatMs: 10_000,
    stalledReaderTimeoutMs: 60_000,
    headers: {},
  });
  const headBytes = response.socket?.bytesWritten ?? 0;
  expect([headBytes > 0, response.socket?.writableLength]).toEqual([true, 0]);
  if (chunk) live.publish(chunk);
  expect([(response.socket?.bytesWritten ?? 0) > headBytes, response.socket?.writableLength]).toEqual([
    true,
    0,
  ]);
  const closed = once(server, 'close');
  client.destroy();
  server.close();
  await closed;
});
