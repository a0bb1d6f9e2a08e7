import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadFixtureCases } from './fixtureCases.ts';
import { cutSegments } from './play/replayFixture.ts';
import { type Simulator, startSimulator } from './startSimulator.ts';
import { completeRaw } from './testClient.ts';

const { cases } = await loadFixtureCases();

describe('fixture models', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator();
  });
  afterAll(() => simulator.close());

  it('loads the fifty cases of OpenRouter and the 32 of other servers', () => {
    expect(cases).toHaveLength(85);
  });

  it.each(cases.map((fixture) => [fixture.id, fixture] as const))(
    '%s replays status, head, bytes and end',
    async (id, fixture) => {
      if (fixture.transport.end === 'hold') simulator.release(`fixture/${id}`);
      const answer = await completeRaw(simulator.url, `fixture/${id}`);
      expect(answer.status).toBe(fixture.http.status);
      expect(answer.headers['content-type'] ?? null).toBe(fixture.http.content_type);
      expect(answer.headers).toMatchObject(fixture.http.headers);
      expect(createHash('sha256').update(answer.bytes).digest('hex')).toBe(fixture.sha256);
      expect(answer.isBroken).toBe(fixture.transport.end === 'reset');
    },
  );

  it('answers an unknown case with 404', async () => {
    expect((await completeRaw(simulator.url, 'fixture/none')).status).toBe(404);
  });
});

describe('cutSegments', () => {
  it.each(cases.map((fixture) => [fixture.id, fixture] as const))('%s loses no byte', (_id, fixture) => {
    const segments = cutSegments(fixture.bytes, fixture.transport);
    expect(Buffer.concat(segments).equals(fixture.bytes)).toBe(true);
    expect(segments.every((segment) => segment.length > 0)).toBe(true);
  });

  it('cuts after every blank line, with any kind of line ending', () => {
    const bytes = Buffer.from('a\r\n\r\nb\n\nc\r\rd');
    const segments = cutSegments(bytes, { write: 'events', end: 'close' });
    expect(segments.map(String)).toEqual(['a\r\n\r\n', 'b\n\n', 'c\r\r', 'd']);
  });
});
