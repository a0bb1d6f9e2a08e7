/** Tests the files that come with answers: pictures become files that events only name, and a parsed PDF is parsed once. */
import type { ChatContext, FileReference, GeneratedImage, Model } from '@rill/protocol';
import type { Script } from '@rill/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, countRows, detailOf, jsonOf, send } from '../callServer.ts';
import { startTestServer, type TestServer } from '../startTestServer.ts';
import { largePng, pdfOf, pngOf } from './sampleFiles.ts';

let server: TestServer;
let path: string;
beforeEach(async () => {
  server = await startTestServer({ environment: { RILL_DEFAULT_MODEL: 'demo/echo' } });
  path = (await server.newChat()).path;
});
afterEach(() => server.close());

const chunkOf = (delta: object) => ({
  chunk: { id: 'gen-1', choices: [{ index: 0, delta: { content: '', ...delta }, finish_reason: null }] },
});
const imageChunk = (type: string, bytes: Buffer | string) =>
  chunkOf({
    images: [
      {
        type: 'image_url',
        image_url: { url: `data:${type};base64,${Buffer.from(bytes).toString('base64')}` },
      },
    ],
  });
const lastSent = () =>
  server.simulator.requests.filter(({ model }) => model).at(-1)?.body as {
    messages: { role: string; content: unknown; annotations?: unknown }[];
    modalities?: unknown;
  };
const imagesOf = async () => (await detailOf(server, path)).messages.at(-1)?.images ?? [];
const contentOf = async ({ fileId }: GeneratedImage) =>
  server.request('GET', `/api/files/${fileId}/content?inline=1`);

describe('a picture that a model makes', () => {
  it('of 2 MB is a file, and the events, frames and the message only name it', async () => {
    const png = largePng(2_000_000);
    server.simulator.nextScript('demo/echo', [{ delta: 'Here: ' }, imageChunk('image/png', png)]);
    const stream = await send(server, path, { content: 'Draw' });
    const frames = JSON.stringify(await stream.rest());
    expect(frames.length).toBeLessThan(20_000);
    expect(countRows(server, 'run_events', 'length(data) > 5000')).toBe(0);
    expect(countRows(server, 'messages', 'length(extras_json) > 5000')).toBe(0);
    const [image] = await imagesOf();
    expect(image).toEqual({
      url: `/api/files/${image?.fileId}/content`,
      fileId: image?.fileId,
      mediaType: 'image/png',
      width: 1024,
      height: 1024,
    });
    expect(frames).toContain(image?.fileId);
    const content = await contentOf(image as GeneratedImage);
    expect(Buffer.from(await content.arrayBuffer()).equals(png)).toBe(true);
  });

  it('may be all of an answer, and is sent back with the next message to be changed', async () => {
    const png = pngOf(30, 20);
    server.simulator.nextScript('demo/echo', [imageChunk('image/png', png)]);
    await (await send(server, path, { content: 'Draw a cat' })).rest();
    expect((await detailOf(server, path)).messages.at(-1)).toMatchObject({
      status: 'completed',
      content: '',
    });
    await (await send(server, path, { content: 'Now in blue' })).rest();
    expect(lastSent().messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Draw a cat\n\nNow in blue' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${png.toString('base64')}` } },
        ],
      },
    ]);
  });

  it('can come from a model that makes only pictures, which is listed and sent a request for pictures only', async () => {
    const { models } = await jsonOf<{ models: Model[] }>(server.request('GET', '/api/models'));
    expect(models.find(({ id }) => id === 'demo/painter')).toMatchObject({ outputModalities: ['image'] });
    await (await send(server, path, { content: 'Three moons', model: 'demo/painter' })).rest();
    expect(lastSent().modalities).toEqual(['image']);
    expect((await detailOf(server, path)).messages.at(-1)).toMatchObject({
      status: 'completed',
      content: '',
      images: [{ mediaType: 'image/png', width: 384, height: 256 }],
    });
  });

  it('of SVG is a file to save that no browser shows', async () => {
    server.simulator.nextScript('demo/echo', [imageChunk('image/svg+xml', '<svg onload="alert(1)"/>')]);
    await (await send(server, path, { content: 'Draw' })).rest();
    const [image] = await imagesOf();
    expect(image?.mediaType).toBe('text/plain');
    const { headers } = await contentOf(image as GeneratedImage);
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="picture\.svg"/);
  });

  it('that is damaged, or at another address, stays as it came', async () => {
    const url = 'https://pictures.example.com/a.png';
    server.simulator.nextScript('demo/echo', [
      imageChunk('image/png', pngOf(9, 9).subarray(0, 40)),
      chunkOf({ images: [{ type: 'image_url', image_url: { url } }] }),
    ]);
    await (await send(server, path, { content: 'Draw' })).rest();
    expect(await imagesOf()).toEqual([{ url: expect.stringMatching(/^data:image\/png/) }, { url }]);
    expect(countRows(server, 'files')).toBe(0);
  });

  it('is deleted with its answer, copies included', async () => {
    server.simulator.nextScript('demo/echo', [{ delta: 'Here' }, imageChunk('image/png', pngOf(9, 9))]);
    await (await send(server, path, { content: 'Draw' })).rest();
    const [image] = await imagesOf();
    expect((await server.request('DELETE', `/api/files/${image?.fileId}`)).status).toBe(409);
    await server.request('POST', `${path}/fork`, {});
    expect(countRows(server, 'file_uses')).toBe(2);
  });
});

describe('a PDF that a service parsed', () => {
  const annotation = {
    type: 'file',
    file: { hash: 'abc', name: 'paper.pdf', content: [{ type: 'text', text: 'Its whole text' }] },
  };

  it('is sent back with what was read in it, so that it is parsed once', async () => {
    const file = await jsonOf<FileReference>(
      fetch(`${server.url}/api/files?name=paper.pdf`, {
        method: 'POST',
        body: new Uint8Array(pdfOf(['Text'])),
      }),
    );
    server.simulator.nextScript('demo/echo', [chunkOf({ annotations: [annotation] }), { delta: 'Read.' }]);
    await (await send(server, path, { content: 'Read it', fileIds: [file.id] })).rest();
    expect((await detailOf(server, path)).messages.at(-1)?.annotations).toEqual([]);
    await (await send(server, path, { content: 'And?' })).rest();
    const second = lastSent().messages;
    expect(second.map(({ role, annotations }) => [role, annotations])).toEqual([
      ['user', undefined],
      ['assistant', [annotation]],
      ['user', undefined],
    ]);
    expect(JSON.stringify(second[0])).toContain('data:application/pdf;base64,');
    await (await send(server, path, { content: 'And now?' })).rest();
    expect(JSON.stringify(lastSent().messages).startsWith(JSON.stringify(second).slice(0, -1))).toBe(true);
  });

  it('by its text only is read again when its scans are to be read, once, and the fee is predicted and told', async () => {
    const file = await jsonOf<FileReference>(
      fetch(`${server.url}/api/files?name=paper.pdf`, {
        method: 'POST',
        body: new Uint8Array(pdfOf(['One', 'Two', 'Three'])),
      }),
    );
    const enginesSent = () =>
      server.simulator.requests
        .flatMap(
          ({ body }) => (body as { plugins?: { pdf: { engine: string } }[] } | undefined)?.plugins ?? [],
        )
        .map(({ pdf }) => pdf.engine);
    const readingUsd = async () =>
      (await jsonOf<ChatContext>(server.request('GET', `${path}/context`))).price?.readingUsd;
    const ofScan = {
      ...annotation,
      file: { ...annotation.file, content: [{ type: 'text', text: 'The scan' }] },
    };
    const fee = { searches: 0, feeUsd: 0.006, isNative: false };
    server.simulator.nextScript(
      'demo/echo',
      [chunkOf({ annotations: [annotation] }), { delta: 'Read.' }],
      [chunkOf({ annotations: [ofScan] }), { delta: 'Read.' }, { finish: 'stop', tools: fee }],
    );
    await (await send(server, path, { content: 'Read it', fileIds: [file.id] })).rest();
    expect(await readingUsd()).toBeUndefined();
    await server.request('PATCH', path, { options: { pdfEngine: 'ocr' } });
    expect(await readingUsd()).toBeCloseTo(0.006, 6);
    await (await send(server, path, { content: 'Read the scans' })).rest();
    expect(lastSent().messages.map(({ annotations }) => annotations)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect((await answerOf(server, path))?.usage?.toolCostUsd).toBeCloseTo(0.006, 6);
    expect(await readingUsd()).toBeUndefined();
    await (await send(server, path, { content: 'And?' })).rest();
    expect(lastSent().messages[1]?.annotations).toEqual([ofScan]);
    await server.request('PATCH', path, { options: null });
    await (await send(server, path, { content: 'And now?' })).rest();
    expect(lastSent().messages[1]?.annotations).toEqual([ofScan]);
    expect(enginesSent()).toEqual(['cloudflare-ai', 'mistral-ocr', 'mistral-ocr', 'cloudflare-ai']);
  });

  const sendPdf = async (content: string) => {
    const file = await jsonOf<FileReference>(
      fetch(`${server.url}/api/files?name=paper.pdf`, {
        method: 'POST',
        body: new Uint8Array(pdfOf(['Text'])),
      }),
    );
    await (await send(server, path, { content, fileIds: [file.id] })).rest();
  };
  const failed = (more: object = {}, code = 502) => ({
    error: {
      code,
      message: 'Provider returned an error',
      metadata: { file_annotations: [annotation, annotation], ...more },
    },
  });
  const givenAgain = [
    {
      role: 'user',
      content: [expect.objectContaining({ type: 'text' }), expect.objectContaining({ type: 'file' })],
    },
    { role: 'assistant', content: expect.any(String), annotations: [annotation] },
    { role: 'user', content: 'Read it' },
  ];

  it.each([
    ['a status', { status: 502, body: failed() }],
    [
      'a status, and a text longer than other errors',
      { status: 502, body: failed({ more: 'x'.repeat(200_000) }) },
    ],
    ['an event in the stream', [failed()]],
  ])('is not parsed again when all models failed, by %s', async (_, script) => {
    server.simulator.nextScript('demo/echo', script as Script, [{ delta: 'Read.' }]);
    await sendPdf('Read it');
    expect((await detailOf(server, path)).messages.at(-1)).toMatchObject({
      status: 'completed',
      content: 'Read.',
    });
    expect(lastSent().messages).toEqual(givenAgain);
    await (await send(server, path, { content: 'And?' })).rest();
    expect(lastSent().messages.map(({ role, annotations }) => [role, annotations])).toEqual([
      ['user', undefined],
      ['assistant', [annotation]],
      ['user', undefined],
    ]);
  });

  it('is not parsed again with the next message either', async () => {
    const refused = { status: 403, body: failed({}, 403) };
    server.simulator.nextScript('demo/echo', refused);
    await sendPdf('Read it');
    expect((await detailOf(server, path)).messages.at(-1)?.status).toBe('failed');
    await (await send(server, path, { content: 'Again' })).rest();
    expect(lastSent().messages).toEqual([
      ...givenAgain.slice(0, 2),
      { role: 'user', content: 'Read it\n\nAgain' },
    ]);
  });
});
