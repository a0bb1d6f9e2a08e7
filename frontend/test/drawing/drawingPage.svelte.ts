/** Draws one answer by the product's own components and waits until nothing of it changes any more. */
import type { RunView } from '@rill/protocol';
import { mount } from 'svelte';
import Message from '../../src/lib/view/message/Message.svelte';
import {
  endedViewFixture,
  messageFixture,
  viewFixture,
  watchedRunFixture,
} from '../../src/lib/view/message/messageFixtures.ts';
import '../../src/styles/index.css';
import type { Drawn } from './drawingApi.ts';

/** So long nothing may change before an answer counts as drawn. */
const quietMs = 250;
const farBelowPx = 20_000;

let text = '';

const nextFrame = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => resolve()));
const idle = (): Promise<void> =>
  new Promise((resolve) => requestIdleCallback(() => resolve(), { timeout: 2000 }));

function mountRoom(className: string, topPx: number): { transcript: HTMLElement; item: HTMLElement } {
  const [frame, transcript, room, column, item] = Array.from({ length: 5 }, () =>
    document.createElement('div'),
  );
  if (!frame || !transcript || !room || !column || !item) throw new Error('The page has no elements.');
  frame.style.cssText = 'display: flex; flex-direction: column; block-size: 100vh';
  transcript.className = 'transcript';
  room.className = 'room';
  column.className = 'column';
  column.style.marginBlockStart = `${topPx}px`;
  item.className = className;
  item.style.setProperty('--lines', String(Math.ceil(text.length / 80)));
  column.append(item);
  room.append(column);
  transcript.append(room);
  frame.append(transcript);
  document.body.replaceChildren(frame);
  return { transcript, item };
}

/** Runs `draw` in a page that had nothing to do, and waits until nothing changes any more. */
async function watch(item: HTMLElement, draw: () => Promise<void>): Promise<Drawn> {
  await idle();
  await nextFrame();
  let changedAtMs = performance.now();
  const startedAtMs = changedAtMs;
  const changes = new MutationObserver(() => {
    changedAtMs = performance.now();
  });
  changes.observe(item, { childList: true, characterData: true, subtree: true, attributes: true });
  await draw();
  changedAtMs = performance.now();
  while (performance.now() - changedAtMs < quietMs) {
    await nextFrame();
    await idle();
  }
  changes.disconnect();
  const shownCharacters = item.querySelector('.markdown')?.textContent.length ?? 0;
  return { totalMs: changedAtMs - startedAtMs, shownCharacters };
}

function reload(): Promise<Drawn> {
  const { item } = mountRoom('item', 0);
  return watch(item, async () => {
    mount(Message, { target: item, props: { message: messageFixture({ content: text }) } });
  });
}

function defer(): Promise<Drawn> {
  const { item } = mountRoom('item is-settled', farBelowPx);
  return watch(item, async () => {
    mount(Message, { target: item, props: { message: messageFixture({ content: text }), isDeferred: true } });
  });
}

function stream(deltaCharacters: number): Promise<Drawn> {
  const { transcript, item } = mountRoom('item', 0);
  const live = watchedRunFixture(viewFixture(), { startedAtMs: Date.now() });
  const props = $state({ message: live.message, live });
  const show = (view: RunView) => {
    live.view = view;
    props.message = live.message;
  };
  return watch(item, async () => {
    mount(Message, { target: item, props });
    let content = '';
    for (let offset = 0; offset < text.length; offset += deltaCharacters) {
      await nextFrame();
      // The page reads an answer as it grows: deltas are joined, and the whole text is passed on.
      content += text.slice(offset, offset + deltaCharacters);
      show(viewFixture({ content }));
      transcript.scrollTop = transcript.scrollHeight;
    }
    await nextFrame();
    show(endedViewFixture({ content }));
  });
}

window.drawing = { give: (next) => (text = next), reload, defer, stream };
