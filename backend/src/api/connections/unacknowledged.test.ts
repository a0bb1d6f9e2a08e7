import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { connectionKey, parseTables } from './unacknowledged.ts';

it.each([
  ['127.0.0.1', '0100007F'],
  ['203.0.113.7', '077100CB'],
  ['::1', '00000000000000000000000001000000'],
  ['::ffff:203.0.113.7', '0000000000000000FFFF0000077100CB'],
  ['2001:db8::a:7', 'B80D01200000000000000000'.concat('07000A00')],
  ['fe80::1%eth0', '000080FE000000000000000001000000'],
])('a line of the table belongs to the connection from %s', (remoteAddress, hex) => {
  const line = `   3: 0100007F:0BB8 ${hex}:C350 01 000000A0:00000000 01:00000019 00000002     0        0 1234\n`;
  const socket = { localPort: 3000, remoteAddress, remotePort: 50_000 } as Socket;
  expect([...parseTables(`  sl  local_address\n${line}`)]).toEqual([[connectionKey(socket), 160]]);
});
