/**
 * Tests that each event of the feed is encoded in four lines and decoded unchanged, and that invalid data is refused.
 */
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { sampleFeedEvents } from '../../conformance/sampleFeed.ts';
import { createSseParser, decodeFeedFrame, encodeFeedFrame, FeedEvent } from '../index.ts';

const cursor = '0199a1b2-0000-7000-8000-000000000030.7';

function decodeAll(text: string): unknown[] {
  const frames: unknown[] = [];
  createSseParser({ onMessage: (message) => frames.push(decodeFeedFrame(message)) }).feed(
    new TextEncoder().encode(text),
  );
  return frames;
}

describe('a frame of the feed', () => {
  test('of every type fits its schema, is encoded in four lines, and is decoded as it was', () => {
    const schema = Compile(FeedEvent);
    const types = FeedEvent.anyOf.map(({ properties }) => properties.type.const);
    expect(sampleFeedEvents.map(({ type }) => type).sort()).toEqual(types.sort());
    for (const event of sampleFeedEvents) {
      expect(schema.Check(event)).toBe(true);
      const text = encodeFeedFrame({ cursor, event });
      expect(text.split(/\r\n|\r|\n/)).toHaveLength(5);
      expect(decodeAll(text)).toEqual([{ cursor, event }]);
    }
  });

  test('of a type that is not known has a cursor and no event, whatever its data', () => {
    expect(decodeAll(`id: ${cursor}\nevent: star-fall\ndata: {no JSON\n\n`)).toEqual([
      { cursor, event: null },
    ]);
    expect(decodeAll(`id: ${cursor}\ndata: {}\n\n`)).toEqual([{ cursor, event: null }]);
  });

  test('needs an id', () => {
    expect(decodeAll('event: feed-start\ndata: {"isWhole":true}\n\n')).toEqual([null]);
  });

  test.each(sampleFeedEvents.map((event) => [event.type, event.data] as const))(
    'of type %s is refused when a field is missing that its readers rely on',
    (type, data) => {
      const refusal = expect.objectContaining({ code: 'bad_request' });
      const refused = ['{', '[]', '{}', JSON.stringify({ ...data, [Object.keys(data)[0] ?? '']: 7 })];
      for (const text of refused) {
        expect(() => decodeFeedFrame({ id: cursor, event: type, data: text }), text).toThrow(refusal);
      }
    },
  );
});
