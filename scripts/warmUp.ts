/**
 * Starts the built server once and has it answer one message, so that Node keeps what it compiled on the way and the
 * first start of a person, or of a deploy, is as fast as the later ones.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { inRepository } from './repositoryRoot.ts';

const limitMs = 20_000;

/** Whatever goes wrong costs later starts some milliseconds and nothing else, so it is not told. */
export async function warmUp(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rill-warm-up-'));
  // Nothing of the person's settings: the demo answers, and its data goes with the folder.
  const server = spawn(process.execPath, [inRepository('scripts/start.js')], {
    cwd: folder,
    env: { PATH: process.env.PATH, RILL_PORT: '0', RILL_DATA_DIR: folder, RILL_LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  const ended = once(server, 'exit');
  let output = '';
  server.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const [, url] = /^Rill is ready: (http:\/\/\S+)$/m.exec(output) ?? [];
    if (url === undefined) return;
    server.stdout.removeAllListeners('data').resume();
    void answerOnce(url)
      .catch(() => undefined)
      .finally(() => server.kill('SIGTERM'));
  });
  await ended;
  rmSync(folder, { recursive: true, force: true });
}

async function answerOnce(url: string): Promise<void> {
  const { projects } = await (await fetch(`${url}/api/projects`)).json();
  const chats = `${url}/api/projects/${projects[0].id}/chats`;
  const { id } = await post(chats, {}).then((response) => response.json());
  await post(`${chats}/${id}/messages/stream`, { content: 'Hello' }).then((response) => response.text());
}

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
