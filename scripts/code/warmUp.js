/** Runs after a build: lets the server answer one message, and keeps the code that V8 compiled for that. */
import '../requireNode.js';
import { realpathSync, writeFileSync } from 'node:fs';
import { codeOf, loadServer } from './serverCode.js';

process.stdout.write = (/** @type {unknown} */ line) => {
  const url = /^Rill is ready: (\S+)/.exec(String(line))?.[1];
  if (url) void answerOnce(url).then(keepCode);
  return true;
};
const scripts = loadServer(realpathSync(`${import.meta.dirname}/../../backend/dist`));

/** @param {string} url */
async function answerOnce(url) {
  const { projects } = await (await fetch(`${url}/api/projects`)).json();
  const chats = `${url}/api/projects/${projects[0].id}/chats`;
  const { id } = await (await post(chats, {})).json();
  await (await post(`${chats}/${id}/messages/stream`, { content: 'Hello' })).text();
}

/** @type {(url: string, body: object) => Promise<Response>} */
const post = (url, body) =>
  fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

function keepCode() {
  for (const [path, script] of scripts) writeFileSync(codeOf(path), script.createCachedData());
  process.exit();
}
