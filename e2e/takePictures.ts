/**
 * Takes the pictures of README.md: `npm run pictures`. Needs a built page, a Chromium (`CHROMIUM_PATH`) and, for the
 * animated one, ffmpeg with WebP.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from '@playwright/test';
import { ChatPage } from './support/chatPage.ts';
import { type Rill, startRill } from './support/startRill.ts';

const pictures = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const model = 'demo/quick';
const sizePx = { width: 1200, height: 800 };
const animatedSizePx = { width: 960, height: 560 };
const frameMs = 100;

const earlierQuestions = [
  'Plan a week in Lisbon',
  'Why is the sky blue?',
  'Regular expression for ISO dates',
];
const question = 'How do I retry a request, and how long should I wait?';
const answer = `Retry only what can succeed later, and wait longer each time.

| status | retry? | wait |
| --- | --- | --- |
| 429 | yes | what \`Retry-After\` says |
| 500, 502, 503 | yes | 1 s, 2 s, 4 s, … |
| 400, 401, 404 | no | |

Add **jitter**, so that clients do not come back all at once:

\`\`\`ts
const waitMs = Math.random() * Math.min(30_000, 1_000 * 2 ** attempt);
\`\`\`

Give up after five attempts, or when the user stops waiting.
`;
const longAnswer = `Waves travel because the water passes a push on, not because it travels itself.

1. **Wind** drags on the surface and raises small ripples.
2. Ripples give the wind more to push against, so they **grow**.
3. Waves of different lengths separate: long ones are faster and arrive first as *swell*.
4. Near the shore the bottom slows the front of the wave. The back catches up, and the wave gets **steep**.
5. When the crest is faster than the trough below it, the wave **breaks**.

A breaking wave moves water up the beach. Between two waves it runs back, and that undertow is what pulls at your feet.
`;

async function openPage(
  browser: Browser,
  rill: Rill,
  colorScheme: 'light' | 'dark',
  viewport: { width: number; height: number },
  deviceScaleFactor: number,
): Promise<ChatPage> {
  const page = await browser.newPage({ colorScheme, viewport, deviceScaleFactor, baseURL: rill.url });
  const chat = new ChatPage(page);
  await chat.open();
  return chat;
}

async function takeStill(browser: Browser, colorScheme: 'light' | 'dark'): Promise<void> {
  const rill = await startRill();
  try {
    const chat = await openPage(browser, rill, colorScheme, sizePx, 2);
    for (const earlier of earlierQuestions) {
      rill.simulator.nextScript(model, [{ delta: 'An answer.' }]);
      await chat.send(earlier);
      await chat.lastAnswer.getByText('An answer.').waitFor();
      await chat.settled();
      await chat.page.getByRole('button', { name: 'New chat' }).first().click();
    }
    rill.simulator.nextScript(model, [{ delta: answer }]);
    await chat.send(question);
    await chat.lastAnswer.getByText('Give up after five').waitFor();
    await chat.settled();
    await chat.page.screenshot({ path: join(pictures, `chat-${colorScheme}.png`) });
  } finally {
    await rill.stop();
  }
}

/** Shows a line as a terminal would, at the bottom of the page. */
async function showCommand(page: Page, command: string): Promise<void> {
  await page.evaluate((text) => {
    const shown = document.querySelector<HTMLElement>('#command') ?? document.createElement('div');
    shown.id = 'command';
    shown.textContent = text === '' ? '' : `$ ${text}`;
    Object.assign(shown.style, {
      position: 'fixed',
      right: '24px',
      top: '64px',
      zIndex: '1000',
      padding: text === '' ? '0' : '10px 16px',
      borderRadius: '8px',
      background: '#111',
      color: '#fff',
      font: '600 15px monospace',
    });
    document.body.append(shown);
  }, command);
}

async function takeAnimated(browser: Browser): Promise<void> {
  const rill = await startRill();
  const frames = mkdtempSync(join(tmpdir(), 'rill-frames-'));
  try {
    const chat = await openPage(browser, rill, 'light', animatedSizePx, 1);
    const { page } = chat;
    const isRecording = { value: true };
    const record = async (): Promise<void> => {
      const shots: string[] = [];
      for (let shownAtMs = performance.now(); isRecording.value; ) {
        const path = join(frames, `${String(shots.length / 2).padStart(4, '0')}.png`);
        await page.screenshot({ path });
        await page.waitForTimeout(Math.max(0, shownAtMs + frameMs - performance.now()));
        const nextMs = performance.now();
        shots.push(`file '${path}'`, `duration ${((nextMs - shownAtMs) / 1000).toFixed(3)}`);
        shownAtMs = nextMs;
      }
      writeFileSync(join(frames, 'shots.txt'), shots.join('\n'));
    };
    const half = Math.floor(longAnswer.length / 2);
    rill.simulator.nextScript(model, [{ text: longAnswer, tokensPerSecond: 45 }]);
    const recorded = record();
    await chat.send('Why do waves break?');
    await chat.lastAnswer.getByText('long ones are faster').waitFor();
    await showCommand(page, 'kill -9 $(pgrep rill)');
    await rill.kill9();
    await page.waitForTimeout(1500);
    await showCommand(page, 'npm start');
    await rill.restart();
    await page.getByRole('button', { name: 'Continue' }).waitFor({ timeout: 20_000 });
    const shown = (await chat.lastAnswer.innerText()).length;
    await showCommand(page, '');
    await page.waitForTimeout(700);
    rill.simulator.nextScript(model, [
      { text: longAnswer.slice(Math.max(half, shown - 200)), tokensPerSecond: 70 },
    ]);
    await page.getByRole('button', { name: 'Continue' }).click();
    await chat.lastAnswer.getByText('pulls at your feet').waitFor();
    await chat.settled();
    await page.waitForTimeout(1200);
    isRecording.value = false;
    await recorded;
    execFileSync('ffmpeg', [
      ...['-y', '-loglevel', 'error', '-f', 'concat', '-safe', '0', '-i', join(frames, 'shots.txt')],
      ...['-fps_mode', 'vfr', '-c:v', 'libwebp_anim', '-quality', '60', '-loop', '0'],
      join(pictures, 'kill.webp'),
    ]);
  } finally {
    await rill.stop();
    rmSync(frames, { recursive: true, force: true });
  }
}

mkdirSync(pictures, { recursive: true });
const executablePath = process.env.CHROMIUM_PATH;
const browser = await chromium.launch({
  args: ['--no-sandbox'],
  ...(executablePath ? { executablePath } : {}),
});
try {
  await takeStill(browser, 'light');
  await takeStill(browser, 'dark');
  await takeAnimated(browser);
} finally {
  await browser.close();
}
