import { describe, expect, it } from 'vitest';
import { addressWarning, chooseAddress } from './nodeAddress.ts';

const listening = (address: string) => ({ address, family: 'IPv4', port: 3000 });

describe('the address of a node', () => {
  it.each([
    ['10.0.0.5', null, { host: '10.0.0.5', port: 3000 }],
    ['0.0.0.0', null, { host: null, port: 3000 }],
    ['::', null, { host: null, port: 3000 }],
    ['127.0.0.1', { host: 'node1.internal', port: null }, { host: 'node1.internal', port: 3000 }],
    ['0.0.0.0', { host: '10.0.0.5', port: 8080 }, { host: '10.0.0.5', port: 8080 }],
  ])('that listens on %s, with %o chosen, is %o', (address, chosen, expected) => {
    expect(chooseAddress(listening(address), chosen)).toEqual(expected);
  });

  it('is none for one that listens on no port', () => {
    expect(chooseAddress('/run/rill.sock', { host: '10.0.0.5', port: null })).toBeNull();
  });
});

describe('a warning', () => {
  it.each([
    ['is alone', { host: '127.0.0.1', seenAt: '10.0.0.5', others: [] }],
    ['is on one machine with all others', { host: '127.0.0.1', seenAt: '127.0.0.1', others: ['127.0.0.1'] }],
    ['uses a database by its socket file', { host: '127.0.0.1', seenAt: null, others: ['::1'] }],
    [
      'is reached by its network, as the others',
      { host: '10.0.0.5', seenAt: '10.0.0.5', others: ['10.0.0.6'] },
    ],
  ])('is not given to a node that %s', (_who, addresses) => {
    expect(addressWarning(addresses)).toBeNull();
  });

  it.each([
    [
      'with others on a network',
      { host: '127.0.0.1', seenAt: '127.0.0.1', others: ['10.0.0.6'] },
      /this one at 127/,
    ],
    [
      'whose database is elsewhere',
      { host: '::1', seenAt: '10.0.0.5', others: ['127.0.0.1'] },
      /this one at ::1/,
    ],
    [
      'beside one on loopback',
      { host: '10.0.0.5', seenAt: null, others: ['127.0.0.1'] },
      /reached at 127.*there\.$/,
    ],
    [
      'without any address',
      { host: null, seenAt: null, others: ['10.0.0.6'] },
      /not known.*RILL_NODE_ADDRESS/,
    ],
  ])('is given to a node %s', (_who, addresses, sentence) => {
    expect(addressWarning(addresses)).toMatch(sentence);
  });
});
