/** Tests that PROTOCOL.md and the code agree on routes, errors and events. */
import { readFileSync } from 'node:fs';
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import {
  createSseParser,
  decodeFeedFrame,
  decodeFrame,
  errorTable,
  FeedEvent,
  protocolVersion,
  RunEvent,
  routes,
  type SseMessage,
} from './index.ts';

const page = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');

/** The cells of the rows of the one table with this head. */
function rowsOf(head: string): string[][] {
  const [, ...rest] = page.split(`${head}\n`);
  if (rest.length !== 1) throw new Error(`PROTOCOL.md has ${rest.length} tables with the head ${head}.`);
  const lines = (rest[0] ?? '').split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(1, end).map((line) => line.slice(2, -2).replaceAll('`', '').split(' | '));
}

/** The SSE messages of every fenced block marked as `mark`, whose JSON is broken into lines. */
function exampleFrames<Frame>(mark: string, decode: (message: SseMessage) => Frame): Frame[] {
  const frames: Frame[] = [];
  for (const [, text = ''] of page.matchAll(new RegExp(`^\`\`\`${mark}\\n(.*?)^\`\`\`$`, 'gms'))) {
    const onWire = text.replace(/(?<=^data: )\{.*?\}(?=\n\n)/gms, (json) => JSON.stringify(JSON.parse(json)));
    createSseParser({ onMessage: (message) => frames.push(decode(message)) }).feed(
      new TextEncoder().encode(onWire),
    );
  }
  return frames;
}

describe('PROTOCOL.md', () => {
  test('lists every error code as the table has it, and no other', () => {
    const table = Object.entries(errorTable).map(([code, row]) => [
      code,
      String(row.status),
      row.class,
      row.isRetryable ? 'yes' : 'no',
      row.sentence,
    ]);
    expect(rowsOf('| code | status | class | retryable | sentence |')).toEqual(table);
  });

  test('lists every route as it is defined, and no other', () => {
    const table = Object.entries(routes).map(([name, route]) => [
      name,
      route.method,
      route.path,
      [...('isStream' in route ? ['200'] : []), ...Object.keys(route.response)].join(', '),
      route.summary,
    ]);
    expect(rowsOf('| name | verb | path | success | what it does |')).toEqual(table);
  });

  test('has one example of every event type, and each fits its schema', () => {
    const schema = Compile(RunEvent);
    const events = exampleFrames('sse', decodeFrame).map((frame) => frame?.event);
    expect(events.filter((event) => !schema.Check(event))).toEqual([]);
    const types = RunEvent.anyOf.map(({ properties }) => properties.type.const);
    expect(events.map((event) => event?.type).sort()).toEqual(types.sort());
  });

  test('has one example of every event type of the feed, and each fits its schema', () => {
    const schema = Compile(FeedEvent);
    const events = exampleFrames('sse feed', decodeFeedFrame).map((frame) => frame?.event);
    expect(events.filter((event) => !schema.Check(event))).toEqual([]);
    const types = FeedEvent.anyOf.map(({ properties }) => properties.type.const);
    expect(events.map((event) => event?.type).sort()).toEqual(types.sort());
  });

  test('names the version that servers send', () => {
    expect(page).toContain(`# The Rill protocol, version ${protocolVersion}\n`);
    expect(page).toContain(`Rill-Protocol: ${protocolVersion}\n`);
  });
});
