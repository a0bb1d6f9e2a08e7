/** Tests `npm run simulator` as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { complete, readChunks, readDeltas } from './testClient.ts';

const mainPath = fileURLToPath(new URL('./main.ts', import.meta.url));

const running: ChildProcess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'close');
  }
});

function run(...parameters: string[]) {
  const child = spawn(process.execPath, [mainPath, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  return { child, closed: once(child, 'close'), stderr: text(child.stderr) };
}

/** Starts on a free port and waits for the address it prints. */
async function listen() {
  const started = run('--port', '0', '--tokens-per-second', '0');
  let printed = '';
  for await (const chunk of started.child.stdout) {
    printed += chunk;
    const url = /^Simulator listens at (http:\/\/127\.0\.0\.1:\d+\/api\/v1)$/m.exec(printed)?.[1];
    if (url !== undefined) return { ...started, url };
  }
  throw new Error(`It ended: ${printed}${await started.stderr}`);
}

it('answers on a free port, and exits on SIGTERM', async () => {
  const { child, closed, stderr, url } = await listen();
  const answer = await (await complete(url, { model: 'demo/quick' })).text();
  expect(readDeltas(answer).join('')).toContain('Hello!');
  expect(readChunks(answer).at(-1)).toMatchObject({ usage: { prompt_tokens: expect.any(Number) } });
  child.kill('SIGTERM');
  expect([await closed, await stderr]).toEqual([[0, null], '']);
});

it('breaks off a running answer when it receives SIGTERM', async () => {
  const { child, closed, url } = await listen();
  const response = await complete(url, {
    model: 'demo/flaky',
    messages: [{ role: 'user', content: 'stall' }],
  });
  const body = expect(response.text()).rejects.toThrow();
  child.kill('SIGTERM');
  await body;
  expect(await closed).toEqual([0, null]);
});

it('prints its usage for --help', async () => {
  const { child, closed } = run('--help');
  expect(await text(child.stdout)).toMatch(
    /^Usage: npm run simulator -- \[options\]\n[\s\S]*--port <number>/,
  );
  expect(await closed).toEqual([0, null]);
});

it.each([
  [['--port', 'high'], '--port: expected a number from 0 to 65535, got "high"'],
  [['--dialect', 'latin'], '--dialect: expected openrouter or openai, got "latin"'],
])('refuses %j with one sentence', async (parameters, sentence) => {
  const { closed, stderr } = run(...parameters);
  expect([await closed, await stderr]).toEqual([[1, null], `${sentence}\n`]);
});
