import { expect, it } from 'vitest';
import { skipContinue } from './skipContinue.ts';

const continueHead = 'HTTP/1.1 100 Continue\r\n\r\n';

/** A socket that receives these segments, each by a read of its own; what it gives is put together. */
function open() {
  const segments: string[] = [];
  const socket = {
    read: () => {
      const next = segments.shift();
      return next === undefined ? null : Buffer.from(next);
    },
    write: (_request: string) => true,
  };
  skipContinue(socket);
  return {
    request: () => socket.write('POST'),
    receive(...received: string[]): string {
      segments.push(...received);
      let text = '';
      for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) text += chunk.toString();
      return text;
    },
  };
}

it('an interim response head is skipped, even when it arrives in segments', () => {
  const { request, receive } = open();
  request();
  expect(receive(continueHead.slice(0, 15), `${continueHead.slice(15)}HTTP/1.1 200 OK`)).toBe(
    'HTTP/1.1 200 OK',
  );
  request();
  expect(receive(continueHead, continueHead, 'HTTP/1.1 200 OK')).toBe('HTTP/1.1 200 OK');
});

it('one that an answer quotes stays in it, wherever the network cuts the answer', () => {
  const { request, receive } = open();
  request();
  const answer = ['HTTP/1.1 200 OK\r\n\r\nIt begins with ', continueHead, 'HTTP/1.1 100 and so on'];
  expect(receive(continueHead, ...answer)).toBe(answer.join(''));
});
