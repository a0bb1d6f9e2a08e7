import { afterEach, beforeEach, expect, test } from 'vitest';
import { fadeNewText } from './fadeNewText.ts';

let root: HTMLElement;
let nowMs = 0;
let frames: (() => void)[] = [];
let end: () => void;
let isWanted = true;

beforeEach(() => {
  isWanted = true;
  root = document.body.appendChild(document.createElement('div'));
  end = fadeNewText(root, {
    nowMs: () => nowMs,
    isWanted: () => isWanted,
    scheduleFrame: (frame) => {
      frames.push(frame);
      return () => {
        frames = frames.filter((each) => each !== frame);
      };
    },
  });
});
afterEach(() => {
  end();
  root.remove();
});

/** What fades now, faintest first. */
const fading = (): string[] =>
  [0, 1, 2, 3, 4].flatMap((step) =>
    [...(CSS.highlights.get(`fresh-${step}`) ?? [])].map(
      (range) => `${step}: ${(range as Range).toString()}`,
    ),
  );

async function draw(html: string): Promise<void> {
  root.innerHTML = html;
  // Those who watch changes are told in a microtask.
  await Promise.resolve();
}

async function extend(node: Node | null | undefined, text: string): Promise<void> {
  node?.appendChild(document.createTextNode(text));
  await Promise.resolve();
}

function pass(byMs: number): void {
  nowMs += byMs;
  const due = frames;
  frames = [];
  for (const frame of due) frame();
}

test('what is added to a paragraph fades in by steps, and the elements stay as they are', async () => {
  await draw('<p>One</p>');
  await extend(root.firstChild, ' two');
  expect(fading()).toEqual(['0: One', '0:  two']);
  pass(100);
  expect(fading()).toEqual(['2: One', '2:  two']);
  await extend(root.firstChild, ' three');
  pass(140);
  expect(fading()).toEqual(['2:  three']);
  pass(200);
  expect(fading()).toEqual([]);
  expect(frames).toEqual([]);
  expect(root.innerHTML).toBe('<p>One two three</p>');
});

test('a word that becomes bold does not fade again', async () => {
  await draw('<p>One **two</p>');
  pass(300);
  await draw('<p>One <strong>two</strong></p>');
  const before = root.firstElementChild;
  pass(300);
  expect(fading()).toEqual([]);
  const strong = before?.querySelector('strong');
  strong?.replaceWith('two');
  await Promise.resolve();
  expect(fading()).toEqual([]);
  await extend(before, ' three');
  expect(fading()).toEqual(['0:  three']);
});

test('the next item of a list fades alone, and code does not', async () => {
  await draw('<ul><li>one</li></ul>');
  pass(300);
  const item = document.createElement('li');
  item.textContent = 'two';
  root.firstElementChild?.append(item);
  await Promise.resolve();
  expect(fading()).toEqual(['0: two']);
  pass(300);
  const code = document.createElement('pre');
  code.textContent = 'let x;';
  root.append(code);
  await Promise.resolve();
  expect(fading()).toEqual([]);
});

test('nothing fades where no motion is wanted, and all of it is over with the watch', async () => {
  isWanted = false;
  await draw('<p>One</p>');
  expect(fading()).toEqual([]);
  isWanted = true;
  await extend(root.firstChild, ' two');
  expect(fading()).toEqual(['0:  two']);
  end();
  expect(fading()).toEqual([]);
  expect(frames).toEqual([]);
});
