import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CuttingProxy, startCuttingProxy } from './cuttingProxy.ts';

let echo: Server;
let proxy: CuttingProxy;
let opened: Socket[];
beforeEach(async () => {
  opened = [];
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startCuttingProxy(() => (echo.address() as AddressInfo).port);
});
afterEach(async () => {
  for (const socket of opened) socket.destroy();
  await proxy.close();
  echo.close();
});

async function open(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1');
  opened.push(socket);
  socket.write('hello');
  expect(String((await once(socket, 'data'))[0])).toBe('hello');
  return socket;
}

it('changes nothing without a fault', async () => {
  const socket = await open();
  socket.write('again');
  expect(String((await once(socket, 'data'))[0])).toBe('again');
  expect(proxy.size).toBe(1);
});

it('breaks the chosen lines, and no others', async () => {
  const [first, second] = [await open(), await open()];
  const choices = [true, false];
  const broken = once(first, 'error');
  proxy.cut(() => choices.shift() ?? false);
  expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' });
  second.write('still');
  expect(String((await once(second, 'data'))[0])).toBe('still');
});

it('drops all bytes of a line without a signal to either end', async () => {
  const [held, free] = [await open(), await open()];
  const choices = [true, false];
  proxy.blackHole(() => choices.shift() ?? false);
  const heard: string[] = [];
  held.on('data', (bytes) => heard.push(String(bytes)));
  held.write('lost');
  for (let turn = 0; turn < 3; turn += 1) {
    free.write('through');
    await once(free, 'data');
  }
  expect([heard, held.destroyed, proxy.size]).toEqual([[], false, 2]);
});
