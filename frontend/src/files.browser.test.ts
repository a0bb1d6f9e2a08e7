import { type FileReference, RillError } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { composer, openApp, problems } from './appTestBench.ts';
import { done, exampleModel, runStart } from './lib/chat/chatTestBench.ts';
import { gifOf } from './lib/chat/files/gifTestBench.ts';
import type { UploaderOptions } from './lib/chat/files/uploader.ts';
import { memoryUnsent } from './lib/chat/unsent/memoryUnsent.ts';
import { modelStrings } from './lib/view/models/modelStrings.ts';

type Sent = Parameters<UploaderOptions['upload']>[0];

/** A server that takes files; `hold` leaves the next ones on their way. */
function fileServer() {
  const server = {
    stored: new Map<string, FileReference>(),
    sent: [] as Sent[],
    isAway: false,
    held: null as PromiseWithResolvers<void> | null,
    upload: async (request: Sent) => {
      server.sent.push(request);
      request.onProgress(0.4);
      await server.held?.promise;
      if (server.isAway) throw new RillError('internal', { isRetryable: true });
      if (request.name.endsWith('.bin')) throw new RillError('file_refused');
      const isPicture = request.content.type.startsWith('image/');
      const file: FileReference = {
        id: `f-${server.sent.length}`,
        name: request.name,
        mediaType: isPicture ? 'image/png' : 'text/plain',
        sizeBytes: request.content.size,
        sha256: '',
        width: isPicture ? 8 : null,
        height: isPicture ? 8 : null,
        pageCount: null,
        estimatedTokens: 1200,
      };
      server.stored.set(file.id, file);
      return file;
    },
  };
  return server;
}

const csv = new File(['a,b\n1,2\n'], 'table.csv', { type: 'text/csv' });
const chips = () => page.getByRole('list', { name: 'Attached files' });
const dropNote = page.getByTestId('drop-note');

function transfer(files: readonly File[], text?: string): DataTransfer {
  const data = new DataTransfer();
  for (const file of files) data.items.add(file);
  if (text !== undefined) data.setData('text/plain', text);
  return data;
}

function drag(type: string, files: readonly File[], target: Element = document.body): DragEvent {
  const event = new DragEvent(type, { dataTransfer: transfer(files), bubbles: true, cancelable: true });
  target.dispatchEvent(event);
  return event;
}

function paste(files: readonly File[], text?: string): ClipboardEvent {
  const clipboardData = transfer(files, text);
  const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
  composer().element().dispatchEvent(event);
  return event;
}

async function openWithServer(models = [exampleModel]) {
  const server = fileServer();
  const listModels = async () => ({
    models,
    defaultModel: exampleModel.id,
    isDemo: false,
    maxBodyBytes: 1_000_000,
  });
  const unsent = memoryUnsent();
  server.stored = unsent.filesById;
  const app = await openApp('/projects/p1/new', { ...unsent, listModels }, server.upload);
  return { ...app, server };
}

async function picture(type: string, side = 8): Promise<File> {
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d');
  context?.fillRect(0, 0, side, side);
  return new File([await canvas.convertToBlob({ type })], `picture.${type.slice(6)}`, { type });
}

describe('a file', () => {
  it.each([
    ['the page', () => document.body],
    ['the composer', () => composer().element()],
    ['the sidebar', () => document.querySelector('.sidebar') ?? document.body],
  ])('that is dropped on %s is attached, as all of the page says', async (_name, target) => {
    const { server, client } = await openWithServer();
    expect(drag('dragover', [csv], target()).defaultPrevented).toBe(true);
    await expect.element(dropNote).toHaveTextContent('Drop to attach');
    expect(drag('drop', [csv], target()).defaultPrevented).toBe(true);
    await expect.element(dropNote).not.toBeInTheDocument();
    await expect.element(chips().getByText('CSV 8 bytes · ≈1,200 tokens')).toBeVisible();
    expect(await server.sent[0]?.content.text()).toBe('a,b\n1,2\n');
    expect(await problems()).toEqual([]);
    await composer().fill('How many rows?');
    await userEvent.keyboard('{Enter}');
    await expect.poll(() => client.sent.length).toBe(1);
    expect(client.sent[0]).toMatchObject({ content: 'How many rows?', fileIds: ['f-1'] });
    await expect.element(page.getByRole('link', { name: /^table\.csv/ })).toBeVisible();
  });

  it('is pasted, unless text comes with it', async () => {
    await openWithServer();
    expect(paste([csv], 'words').defaultPrevented).toBe(false);
    expect(paste([csv]).defaultPrevented).toBe(true);
    await expect.element(chips().getByText('table.csv')).toBeVisible();
  });

  it('delays its message while it is uploading, and can be removed', async () => {
    const { server, client } = await openWithServer();
    server.held = Promise.withResolvers();
    drag('drop', [csv]);
    await expect.element(page.getByRole('progressbar', { name: 'Upload of table.csv' })).toBeVisible();
    await composer().fill('Now');
    await userEvent.keyboard('{Enter}');
    await expect
      .element(page.getByTestId('alert-region').getByText(/^Wait until all files are uploaded/))
      .toBeInTheDocument();
    await expect.element(composer()).toHaveValue('Now');
    await page.getByRole('button', { name: 'Remove table.csv' }).click();
    await expect.element(chips()).not.toBeInTheDocument();
    await expect.element(composer()).toHaveFocus();
    expect(server.sent[0]?.signal.aborted).toBe(true);
    await userEvent.keyboard('{Enter}');
    await expect.poll(() => client.sent.length).toBe(1);
    expect(client.sent[0]).not.toHaveProperty('fileIds');
  });

  it('waits for a server that is away', async () => {
    const { server } = await openWithServer();
    server.isAway = true;
    drag('drop', [csv]);
    await expect.element(chips().getByText('Waiting for the server')).toBeVisible();
    server.isAway = false;
    window.dispatchEvent(new Event('online'));
    await expect.element(chips().getByText(/≈1,200 tokens/)).toBeVisible();
  });

  it.each([
    ['empty', new File([], 'empty.txt'), 'It is empty.'],
    ['refused by the server', new File(['x'], 'program.bin'), 'Rill cannot read this file.'],
  ])('that is %s says so, and goes by its button', async (_name, file, words) => {
    await openWithServer();
    drag('drop', [file]);
    await expect.element(chips().getByText(words)).toBeVisible();
    expect(await problems()).toEqual([]);
    await page.getByRole('button', { name: `Remove ${file.name}` }).click();
    await expect.element(chips()).not.toBeInTheDocument();
  });

  it('is one of twenty at most', async () => {
    const { server } = await openWithServer();
    drag(
      'drop',
      Array.from({ length: 22 }, (_, index) => new File(['x'], `${index}.txt`)),
    );
    await expect
      .element(page.getByText('2 files were left out: 20 at most can be attached.').first())
      .toBeVisible();
    await expect.poll(() => server.sent.length).toBe(20);
  });

  it('is attached by keys alone, from the menu beside the composer', async () => {
    const { keymap } = await openWithServer();
    expect(keymap.activeKeysOf('attach-files')).toBe('Mod+U');
    await page.getByRole('button', { name: 'Add to message' }).click();
    await expect.element(page.getByRole('menuitem', { name: 'Attach files…' })).toBeVisible();
    expect(await problems()).toEqual([]);
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByRole('button', { name: 'Add to message' })).toHaveFocus();
  });
});

describe('a picture', () => {
  it.each(['image/jpeg', 'image/png', 'image/webp'])(
    'of the type %s leaves at 2,048 pixels at most',
    async (type) => {
      const { server } = await openWithServer();
      drag('drop', [await picture(type, 3000)]);
      await expect.poll(() => server.sent.length).toBe(1);
      const sent = server.sent[0]?.content ?? new Blob();
      const { width, height } = await createImageBitmap(sent);
      expect([width, height]).toEqual([2048, 2048]);
      expect(sent.type).toBe(type === 'image/jpeg' ? type : 'image/png');
    },
  );

  it('has the type of its bytes, whatever its name', async () => {
    const { server } = await openWithServer();
    const bytes = await (await picture('image/jpeg')).arrayBuffer();
    drag('drop', [
      new File([bytes], 'notes.txt', { type: 'text/plain' }),
      new File(['<svg/>'], 'drawing.png'),
    ]);
    await expect.poll(() => server.sent.length).toBe(2);
    expect(server.sent[0]).toMatchObject({ name: 'notes.jpg' });
    expect(await server.sent[1]?.content.text()).toBe('<svg/>');
  });

  it('that is an animated GIF is sent unchanged, without its texts; of a large one the first frame is sent, and its name says so', async () => {
    const { server } = await openWithServer();
    drag('drop', [
      new File([gifOf(2, { hasTexts: true })], 'dance.gif', { type: 'image/gif' }),
      new File([gifOf(2, { width: 3000 })], 'wide.gif', { type: 'image/gif' }),
      new File([gifOf(1)], 'still.gif', { type: 'image/gif' }),
    ]);
    await expect.poll(() => server.sent.length).toBe(3);
    const sent = new Map(server.sent.map(({ name, content }) => [name, content]));
    expect([...sent.keys()].toSorted()).toEqual(['dance.gif', 'still.png', 'wide (first frame).png']);
    expect(new Uint8Array((await sent.get('dance.gif')?.arrayBuffer()) ?? [])).toEqual(gifOf(2));
    expect(sent.get('wide (first frame).png')?.type).toBe('image/png');
    await expect.element(chips().getByText('wide (first frame).png')).toBeVisible();
  });

  it('of 50,000 pixels is refused unread', async () => {
    const { server } = await openWithServer();
    const head = new Uint8Array(30);
    head.set([...'\x89PNG\r\n\x1a\n'].map((character) => character.charCodeAt(0)));
    new DataView(head.buffer).setUint32(16, 50_000);
    new DataView(head.buffer).setUint32(20, 50_000);
    drag('drop', [new File([head], 'huge.png')]);
    await expect.element(chips().getByText(/It has too many pixels to be read here/)).toBeVisible();
    expect(server.sent).toEqual([]);
  });

  it('is refused for a model that cannot see, before it is sent', async () => {
    const { shell } = await openWithServer([{ ...exampleModel, inputModalities: ['text'] }]);
    drag('drop', [await picture('image/png')]);
    await expect.element(page.getByText(`${exampleModel.name} cannot see pictures.`)).toBeVisible();
    expect(await problems()).toEqual([]);
    await page.getByRole('button', { name: 'Choose another model' }).click();
    await expect.poll(() => shell.layer).toEqual({ type: 'models' });
    await expect.element(page.getByRole('dialog', { name: modelStrings.title })).toBeVisible();
  });

  it('that the model made is opened large and sent back to be changed', async () => {
    const { client } = await openWithServer();
    await composer().fill('Draw a tide');
    await userEvent.keyboard('{Enter}');
    await expect.poll(() => client.streams.length).toBe(1);
    const [stream] = client.streams;
    stream?.feed(runStart('Draw a tide'));
    const images = [
      {
        url: '/api/files/g1/content',
        fileId: 'g1',
        mediaType: 'image/png' as const,
        width: 640,
        height: 480,
      },
    ];
    stream?.feed({ type: 'image', data: { images } });
    stream?.feed(done('', { images }));
    const drawn = page.getByRole('button', { name: 'Open picture made by the model' });
    // Its room is there, though this server has no such picture.
    await expect.poll(() => drawn.element().getBoundingClientRect().height).toBeGreaterThan(300);
    expect(await problems()).toEqual([]);
    await drawn.click();
    await expect.element(page.getByRole('dialog', { name: 'picture.png' })).toBeVisible();
    expect(await problems()).toEqual([]);
    await userEvent.keyboard('{Escape}');
    await page.getByRole('button', { name: 'Edit this picture' }).click();
    await expect.element(composer()).toHaveFocus();
    await userEvent.keyboard('Make it blue{Enter}');
    await expect.poll(() => client.sent.length).toBe(2);
    expect(client.sent[1]).toMatchObject({ content: 'Make it blue', fileIds: ['g1'] });
  });
});
