/**
 * `rill ask "…"`: sends a message and prints the answer while it arrives. The server owns the answer: Ctrl-C ends only
 * the reading, unless `--cancel` was given.
 */
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type ChatRef, type ClientEvent, createRillClient, type RillClient } from '@rill/client/source';
import { readServer } from '../readServer.ts';

const usage = `rill ask [--project NAME] [--chat ADDRESS] [--model ID] [--cancel] [--server URL] "MESSAGE" …

Sends the message to a new chat, or to that of --chat, and prints the answer as it comes. A word that is only - stands
for what is read from the standard input: git diff | rill ask "Review this:" -

Ctrl-C leaves; the answer continues at the server. With --cancel, Ctrl-C stops the answer.
--project  name or id of the project of a new chat; without it the first one
--chat     address of a chat, as it is printed after each answer
--model    the model to ask; without it that of the chat, the project or the server
--server   address of the server; without it RILL_URL, or the one of this folder's settings
The access token is that of RILL_ACCESS_TOKEN.`;

const options = {
  project: { type: 'string' },
  chat: { type: 'string' },
  model: { type: 'string' },
  server: { type: 'string' },
  cancel: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

/** As shells report a program that was ended by Ctrl-C. */
const interruptedCode = 130;

/** Resolves with the exit code: 0 for a complete answer. Errors: those of the server and of the settings. */
export async function ask(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  if (values.help || positionals.length === 0) {
    process.stdout.write(`${usage}\n`);
    return values.help ? 0 : 2;
  }
  const { baseUrl, accessToken } = readServer(values.server);
  const client = createRillClient({ baseUrl, ...(accessToken !== null && { accessToken }) });
  const content = await readMessage(positionals);
  const chat = values.chat === undefined ? await makeChat(client, values.project) : readAddress(values.chat);
  const leaving = new AbortController();
  const answer = client.sendMessageStream({
    ...chat,
    content,
    signal: leaving.signal,
    ...(values.model !== undefined && { model: values.model }),
  });
  const stop = values.cancel ? () => void client.cancelRun(chat).catch(() => leaving.abort()) : null;
  const onInterrupt = stop ?? (() => leaving.abort());
  process.once('SIGINT', onInterrupt);
  try {
    const end = await print(answer);
    const address = `${baseUrl}/projects/${chat.projectId}/chats/${chat.chatId}`;
    tell(leaving.signal.aborted ? `\nThe answer continues: ${address}` : address);
    return leaving.signal.aborted ? interruptedCode : end;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

const tell = (line: string) => process.stderr.write(`${line}\n`);

async function readMessage(words: readonly string[]): Promise<string> {
  const read = words.includes('-') ? await text(process.stdin) : '';
  return words.map((word) => (word === '-' ? read : word)).join(words.includes('-') ? '\n\n' : ' ');
}

async function makeChat(client: RillClient, wanted: string | undefined): Promise<ChatRef> {
  const { projects } = await client.listProjects();
  const project =
    wanted === undefined ? projects[0] : projects.find(({ id, name }) => [id, name].includes(wanted));
  if (!project) {
    const names = projects.map(({ name }) => name).join(', ');
    throw new Error(
      wanted === undefined
        ? 'There is no project yet: make one in the page.'
        : `There is no project ${wanted}; there is ${names}.`,
    );
  }
  const { id: chatId } = await client.createChat({ projectId: project.id });
  return { projectId: project.id, chatId };
}

/** Reads the address of a chat. Errors: throws when it is not one. */
function readAddress(address: string): ChatRef {
  const [, projectId, chatId] = /\/projects\/([\w-]+)\/chats\/([\w-]+)\/?$/.exec(address) ?? [];
  if (!projectId || !chatId) throw new Error('--chat must be the address of a chat, as the page shows it.');
  return { projectId, chatId };
}

/** Writes the text to stdout and everything else to stderr. Resolves with the exit code. */
async function print(answer: AsyncIterable<ClientEvent>): Promise<number> {
  let written = 0;
  let ended: { status: string; message: string | null } | null = null;
  for await (const event of answer) {
    if (event.type === 'connection') {
      if (event.state === 'reconnecting' && event.attempt === 1)
        tell('\nThe line is cut. The answer continues; reconnecting.');
      continue;
    }
    const { content, status, error } = event.view;
    process.stdout.write(content.slice(written));
    written = content.length;
    ended = { status, message: error?.message ?? null };
  }
  if (written > 0) process.stdout.write('\n');
  if (ended?.message) tell(ended.message);
  else if (ended && ended.status !== 'completed') tell(`The answer is not complete: ${ended.status}.`);
  return ended?.status === 'completed' ? 0 : 1;
}
