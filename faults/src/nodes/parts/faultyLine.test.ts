import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FaultyLine, openFaultyLine } from './faultyLine.ts';

/** A notification in Postgres's format: its type, its length, a process, a channel, a text. */
function notification(text: string): Buffer {
  const body = Buffer.concat([Buffer.alloc(4), Buffer.from(`channel\0${text}\0`)]);
  const head = Buffer.from('A0000');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
const other = Buffer.from([90, 0, 0, 0, 5, 73]);

let database: Server;
let taken: Socket[];
let received: string;
let line: FaultyLine;
let opened: Socket[];
/** The values that `random` returns next, for the jitter. */
let jitters: number[];
beforeEach(async () => {
  [taken, opened, received, jitters] = [[], [], '', []];
  database = createServer((socket) => {
    taken.push(socket.on('error', () => undefined));
    socket.on('data', (bytes) => (received += bytes.toString()));
  }).listen(0, '127.0.0.1');
  await once(database, 'listening');
  line = await openFaultyLine(
    () => (database.address() as AddressInfo).port,
    () => jitters.shift() ?? 0,
  );
});
afterEach(async () => {
  for (const socket of opened) socket.destroy();
  await line.close();
  database.close();
});

/** Both ends of a working connection. */
async function open(): Promise<[node: Socket, database: Socket]> {
  const arrived = once(database, 'connection');
  const node = connect(line.port, '127.0.0.1');
  opened.push(node);
  const [end] = (await arrived) as [Socket];
  return [node, end];
}
const nextOf = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0]);

it('changes nothing without a fault', async () => {
  const [node, end] = await open();
  node.write('asked');
  expect(await nextOf(end)).toBe('asked');
  end.write(Buffer.concat([other, notification('hint')]));
  expect(await nextOf(node)).toBe(String(Buffer.concat([other, notification('hint')])));
});

it('holds the bytes of one direction back, and delivers them in order when it is restored', async () => {
  const [node, end] = await open();
  line.hold('toNode');
  node.write('asked');
  expect(await nextOf(end)).toBe('asked');
  end.write(other);
  end.write(notification('later'));
  node.write('again');
  expect(await nextOf(end)).toBe('again');
  line.restore();
  let heard = Buffer.alloc(0);
  while (heard.length < other.length + notification('later').length)
    heard = Buffer.concat([heard, (await once(node, 'data'))[0] as Buffer]);
  expect(String(heard)).toBe(String(Buffer.concat([other, notification('later')])));
});

it('delivers delayed bytes in their order', async () => {
  const [node] = await open();
  const sent = Array.from({ length: 400 }, (_, index) => `${index},`);
  jitters = sent.map((_, index) => (index % 7) / 7);
  line.slowDown({ delayMs: 20, jitterMs: 10, bytesPerSecond: 1e8 });
  for (const each of sent) {
    node.write(each);
    // Simulates a machine with other work, where timers start at any fraction of a millisecond.
    const untilMs = performance.now() + 0.3;
    while (performance.now() < untilMs);
    await setImmediate();
  }
  await expect.poll(() => received.length).toBe(sent.join('').length);
  expect(received).toBe(sent.join(''));
});

it('lets a commit arrive and cuts the connection before its answer', async () => {
  const [node, end] = await open();
  line.loseCommits(1);
  node.write('COMMIT');
  expect(await nextOf(end)).toBe('COMMIT');
  const broken = once(node, 'error');
  end.write(other);
  expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' });
  expect(received).toBe('COMMIT');
});

it('drops, repeats and delays hints, wherever they are cut, and passes everything else', async () => {
  const [node, end] = await open();
  const bytes = Buffer.concat([notification('lost'), other]);
  line.spoilHints({ kind: 'lost', share: 1, random: () => 0 });
  end.write(bytes.subarray(0, 7));
  end.write(bytes.subarray(7));
  expect(await nextOf(node)).toBe(String(other));
  line.spoilHints({ kind: 'repeated', times: 2 });
  end.write(notification('twice'));
  expect(await nextOf(node)).toBe(String(Buffer.concat([notification('twice'), notification('twice')])));
  line.spoilHints({ kind: 'late', delayMs: 20 });
  end.write(Buffer.concat([notification('late'), other]));
  expect(await nextOf(node)).toBe(String(other));
  expect(await nextOf(node)).toBe(String(notification('late')));
});

it('lets each second hint overtake the one before it, and delays none for longer than the limit', async () => {
  const [node, end] = await open();
  line.spoilHints({ kind: 'reordered', longestDelayMs: 20 });
  const hints = ['first', 'second', 'third'].map(notification);
  end.write(Buffer.concat([...hints, other]));
  let heard = Buffer.alloc(0);
  const expected = Buffer.concat([hints[1] ?? other, hints[0] ?? other, other, hints[2] ?? other]);
  while (heard.length < expected.length)
    heard = Buffer.concat([heard, (await once(node, 'data'))[0] as Buffer]);
  expect(String(heard)).toBe(String(expected));
});

it('refuses new connections', async () => {
  line.refuse(true);
  const node = connect(line.port, '127.0.0.1');
  opened.push(node);
  expect((await once(node, 'error'))[0]).toMatchObject({ code: 'ECONNRESET' });
  expect(line.size).toBe(0);
});
