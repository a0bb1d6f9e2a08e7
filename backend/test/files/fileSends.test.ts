/** Tests that files go with messages: sent byte for byte, kept with drafts, queues, edits and forks, gone with the last of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chat, ChatContext, ChatQueue, Draft, FileReference } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detailOf, failureOf, jsonOf } from '../callServer.ts';
import { FakeClock } from '../fakeClock.ts';
import { startTestServer, type TestServer } from '../startTestServer.ts';
import { pdfOf, pngOf } from './sampleFiles.ts';

let server: TestServer;
let clock: FakeClock;
let path: string;
let projectPath: string;
beforeEach(async () => {
  clock = new FakeClock();
  server = await startTestServer({ clock });
  const { path: made, project } = await server.newChat();
  path = made;
  projectPath = `/api/projects/${project.id}`;
});
afterEach(() => server.close());

const upload = (bytes: string | Buffer, name = 'notes.txt', query = '') =>
  jsonOf<FileReference>(
    fetch(`${server.url}/api/files?name=${encodeURIComponent(name)}${query}`, {
      method: 'POST',
      body: typeof bytes === 'string' ? bytes : new Uint8Array(bytes),
    }),
  );
const sendTo = (chatPath: string, body: object) =>
  server.request('POST', `${chatPath}/messages`, { model: 'demo/echo', ...body });
const lastSent = () =>
  server.simulator.requests.filter(({ model }) => model).at(-1)?.body as {
    messages: { role: string; content: unknown }[];
    plugins?: unknown;
  };
const exists = async (file: FileReference) =>
  (await server.request('GET', `/api/files/${file.id}/content`)).status === 200;
const existsAfterAnHour = (file: FileReference) => () => {
  clock.advance(60 * 60_000);
  return exists(file);
};

describe('a message with files', () => {
  it.each([
    ['prose.txt', `${Array.from({ length: 5000 }, (_, index) => `word${index}`).join(' ')} the end`],
    ['rows.csv', `id;name\r\n${Array.from({ length: 2000 }, (_, row) => `${row};"a ""b"""`).join('\r\n')}`],
    ['page.md', '\ufeff# Title\n\n````js\n```\n````\n\nlast words'],
  ])('gives the model every byte of %s', async (name, text) => {
    const file = await upload(text, name);
    const answer = await sendTo(path, { content: 'How many rows?', fileIds: [file.id], model: 'demo/long' });
    expect(answer.status).toBe(200);
    const content = lastSent().messages.at(-1)?.content;
    expect(content).toContain(`How many rows?\n\n${name}:\n`);
    expect(content).toContain(`\n${text}\n`);
    expect((await detailOf(server, path)).messages[0]?.files).toEqual([file]);
  });

  it('sends a PDF and a picture as parts with equal bytes, and has the PDF parsed without a fee', async () => {
    const [pdf, png] = [pdfOf(['First page', 'Second page']), pngOf(40, 30)];
    const files = [await upload(pdf, 'paper.pdf'), await upload(png, 'a.png')];
    expect((await sendTo(path, { content: 'Sum up', fileIds: files.map(({ id }) => id) })).status).toBe(200);
    const { messages, plugins } = lastSent();
    const url = (type: string, bytes: Buffer) => `data:${type};base64,${bytes.toString('base64')}`;
    expect(messages.at(-1)?.content).toEqual([
      { type: 'text', text: 'Sum up' },
      { type: 'file', file: { filename: 'paper.pdf', file_data: url('application/pdf', pdf) } },
      { type: 'image_url', image_url: { url: url('image/png', png) } },
    ]);
    expect(plugins).toEqual([{ id: 'file-parser', pdf: { engine: 'cloudflare-ai' } }]);
  });

  it('may have no text, and names the chat by its first file then', async () => {
    const file = await upload('alone', 'minutes.txt');
    expect((await sendTo(path, { fileIds: [file.id] })).status).toBe(200);
    expect((await detailOf(server, path)).chat.title).toBe('minutes.txt');
    expect(await failureOf(sendTo(path, {}))).toMatchObject({ status: 400 });
  });

  it('begins every later request with the same bytes', async () => {
    const file = await upload(pngOf(10, 10), 'a.png');
    await sendTo(path, { content: 'First', fileIds: [file.id] });
    const first = JSON.stringify(lastSent().messages).slice(0, -1);
    await sendTo(path, { content: 'Second' });
    expect(JSON.stringify(lastSent().messages).startsWith(first)).toBe(true);
  });

  it('is refused with unknown files, and before it is sent to a model that sees no pictures', async () => {
    expect(await failureOf(sendTo(path, { content: 'x', fileIds: ['unknown'] }))).toMatchObject({
      status: 404,
    });
    const picture = await upload(pngOf(10, 10), 'a.png');
    const body = { content: 'Look', fileIds: [picture.id], model: 'demo/quick' };
    expect(await failureOf(sendTo(path, body))).toMatchObject({ status: 422, code: 'model_cannot_see' });
    expect((await detailOf(server, path)).messages).toEqual([]);
    expect(server.simulator.requests.filter(({ model }) => model)).toEqual([]);
  });

  it('tells a later model that sees no pictures that there was one', async () => {
    const picture = await upload(pngOf(10, 10), 'cat.png');
    await sendTo(path, { content: 'Look', fileIds: [picture.id] });
    await sendTo(path, { content: 'And now?', model: 'demo/quick' });
    expect(lastSent().messages[0]?.content).toBe('Look\n[A picture that you cannot see: cat.png]');
  });

  it('is refused when its files are longer than the model can read, as was predicted', async () => {
    const file = await upload('word '.repeat(200_000), 'long.txt');
    const draft = { content: 'Read', baseRevision: 0, writer: 'tab', fileIds: [file.id] };
    await server.request('PUT', `${path}/draft`, draft);
    const context = await jsonOf<ChatContext>(server.request('GET', `${path}/context?model=demo/quick`));
    expect(context.isTooLarge).toBe(true);
    expect(context.nextTokens).toBeGreaterThan(150_000);
    const sent = sendTo(path, { content: 'Read', fileIds: [file.id], model: 'demo/quick' });
    expect(await failureOf(sent)).toMatchObject({ status: 422, code: 'context_too_large' });
  });
});

describe('a file', () => {
  it('cannot be deleted while a message has it, and is deleted with the last chat that uses it', async () => {
    const file = await upload('shared');
    await sendTo(path, { content: 'Read', fileIds: [file.id] });
    const fork = await jsonOf<Chat>(server.request('POST', `${path}/fork`, {}));
    const forkPath = `${projectPath}/chats/${fork.id}`;
    expect((await detailOf(server, forkPath)).messages[0]?.files).toEqual([file]);
    expect(await failureOf(server.request('DELETE', `/api/files/${file.id}`))).toMatchObject({
      status: 409,
      code: 'file_in_use',
    });
    clock.advance(25 * 60 * 60_000);
    await server.request('DELETE', path);
    await server.request('POST', '/api/bin/empty', { count: 1 });
    await sendTo(forkPath, { content: 'Still there?' });
    expect(lastSent().messages[0]?.content).toContain('shared');
    await server.request('DELETE', forkPath);
    expect(await exists(file)).toBe(true);
    await server.request('POST', '/api/bin/empty', { count: 1 });
    await expect.poll(existsAfterAnHour(file)).toBe(false);
  });

  it('stays with an edit of its message, and with an answer that is written again', async () => {
    const file = await upload('in both');
    await sendTo(path, { content: 'First', fileIds: [file.id] });
    await sendTo(path, { content: 'Edited', fileIds: [file.id], parentId: null });
    const { messages } = await detailOf(server, path);
    await sendTo(path, { regenerateOf: messages[1]?.id });
    expect(lastSent().messages).toMatchObject([{ content: 'Edited\n\nnotes.txt:\n```txt\nin both\n```' }]);
  });

  it('waits in the draft and in the queue, and is sent from there', async () => {
    const [first, second] = [await upload('in the draft'), await upload('in the queue')];
    const put = (fileIds: string[], baseRevision: number, writer = 'tab') =>
      jsonOf<Draft>(server.request('PUT', `${path}/draft`, { content: 'x', baseRevision, writer, fileIds }));
    expect((await put([first.id, 'gone'], 0)).files).toEqual([first]);
    expect((await put([second.id], 0, 'other-tab')).files).toEqual([first, second]);
    expect(await put([], 2)).not.toHaveProperty('files');

    server.simulator.nextScript('demo/quick', [{ delta: 'Half' }, { hold: 'rest' }, { delta: ' and rest' }]);
    const running = server.request('POST', `${path}/messages`, { content: 'Begin' });
    await expect.poll(async () => (await detailOf(server, path)).messages.length).toBe(2);
    const added = server.request('POST', `${path}/queue`, { fileIds: [second.id], model: 'demo/echo' });
    expect((await jsonOf<ChatQueue>(added)).messages).toMatchObject([{ content: '', files: [second] }]);
    server.simulator.release('rest');
    await running;
    await expect.poll(() => JSON.stringify(lastSent().messages.at(-1))).toContain('in the queue');
    await expect.poll(async () => (await detailOf(server, path)).messages.at(-1)?.status).toBe('completed');
    clock.advance(25 * 60 * 60_000);
    await expect.poll(existsAfterAnHour(first)).toBe(false);
    expect(await exists(second)).toBe(true);
  });
});

describe('the files of a project', () => {
  const put = (fileIds: string[]) =>
    jsonOf<{ files: FileReference[] }>(server.request('PUT', `${projectPath}/files`, { fileIds }));

  it('are sent with each of its chats before the first message, in the same bytes each time', async () => {
    const [rules, table] = [await upload('Answer in rhymes.', 'rules.md'), await upload('1;2', 'table.csv')];
    expect(await put([table.id, rules.id])).toEqual({ files: [rules, table] });
    expect(await jsonOf(server.request('GET', `${projectPath}/files`))).toEqual({ files: [rules, table] });
    await sendTo(path, { content: 'First' });
    const first = String(lastSent().messages[0]?.content);
    expect(first).toBe('rules.md:\n```md\nAnswer in rhymes.\n```\n\ntable.csv:\n```csv\n1;2\n```\n\nFirst');
    await sendTo(path, { content: 'Second' });
    expect(lastSent().messages[0]?.content).toBe(first);
    const { instructionsTokens } = await jsonOf<ChatContext>(server.request('GET', `${path}/context`));
    expect(instructionsTokens).toBeGreaterThan(40);
    const temporary = await jsonOf<Chat>(
      server.request('POST', `${projectPath}/chats`, { isTemporary: true }),
    );
    await sendTo(`${projectPath}/chats/${temporary.id}`, { content: 'First' });
    expect(lastSent().messages[0]?.content).toBe(first);
  });

  it('stay while the project has them, and a day after', async () => {
    const file = await upload('shared');
    await put([file.id]);
    expect(await failureOf(server.request('DELETE', `/api/files/${file.id}`))).toMatchObject({ status: 409 });
    clock.advance(25 * 60 * 60_000);
    await put([]);
    clock.advance(23 * 60 * 60_000);
    expect(await exists(file)).toBe(true);
    await expect.poll(existsAfterAnHour(file)).toBe(false);
    await sendTo(path, { content: 'Alone' });
    expect(lastSent().messages[0]?.content).toBe('Alone');
  });
});

describe('a file of a temporary chat', () => {
  const mark = 'quince-in-the-file';
  const marked = (): string[] =>
    readdirSync(server.dataDirectory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(mark))
      .map(({ name }) => name);

  async function temporaryChat() {
    const chat = await jsonOf<Chat>(server.request('POST', `${projectPath}/chats`, { isTemporary: true }));
    const file = await upload(mark, `${mark}.txt`, `&chatId=${chat.id}`);
    const chatPath = `${projectPath}/chats/${chat.id}`;
    expect((await sendTo(chatPath, { content: 'Read', fileIds: [file.id] })).status).toBe(200);
    expect(lastSent().messages[0]?.content).toContain(mark);
    return { chatPath, file };
  }

  it('is in no byte of the data folder, and cannot be sent elsewhere', async () => {
    const { chatPath, file } = await temporaryChat();
    expect(await exists(file)).toBe(true);
    expect(await failureOf(sendTo(path, { content: 'x', fileIds: [file.id] }))).toMatchObject({
      status: 404,
    });
    await server.request('DELETE', chatPath);
    expect(marked()).toEqual([]);
    expect(existsSync(join(server.dataDirectory, 'files'))).toBe(false);
  });

  it('is stored when the chat is kept', async () => {
    const { chatPath, file } = await temporaryChat();
    expect((await server.request('POST', `${chatPath}/keep`)).status).toBe(200);
    expect(marked()).toContain(file.sha256);
    expect(await exists(file)).toBe(true);
    await sendTo(chatPath, { content: 'Again' });
    expect(lastSent().messages[0]?.content).toContain(mark);
  });
});
