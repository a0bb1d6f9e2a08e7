/** Starts the environment of a suite: the provider, the server as a process, and the proxy that readers use. */
import type { ChatDetail, Message, Project } from '@rill/protocol';
import { type Simulator, startSimulator } from '@rill/simulator';
import { type CuttingProxy, startCuttingProxy } from './cuttingProxy.ts';
import { type DataFolder, makeDataFolder } from './dataFolder.ts';
import { ServerProcess } from './serverProcess.ts';

export interface World {
  readonly simulator: Simulator;
  readonly server: ServerProcess;
  readonly proxy: CuttingProxy;
  readonly data: DataFolder;
  readonly projectId: string;
  newChat(): Promise<string>;
  chat(chatId: string): Promise<ChatDetail>;
  close(): Promise<void>;
}

/** Ended requests that the provider remembers: more than one round can make. */
const keptRequests = 5000;

export async function openWorld(maxRuns: number): Promise<World> {
  const data = makeDataFolder();
  const simulator = await startSimulator({ keptRequests, generationNotFoundCount: 0 });
  const server = new ServerProcess({ dataDirectory: data.path, providerUrl: simulator.url, maxRuns });
  const proxy = await startCuttingProxy(() => server.port);
  const close = async (): Promise<void> => {
    await proxy.close();
    await server.kill9();
    await simulator.close();
    data.remove();
  };
  try {
    await server.start();
    const { projects } = await call<{ projects: Project[] }>(server, 'GET', '/api/projects');
    const projectId = projects[0]?.id ?? '';
    const chats = `/api/projects/${projectId}/chats`;
    return {
      simulator,
      server,
      proxy,
      data,
      projectId,
      newChat: async () => (await call<{ id: string }>(server, 'POST', chats, {})).id,
      chat: (chatId) => call<ChatDetail>(server, 'GET', `${chats}/${chatId}`),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The answer in a chat with a single question. */
export function answerOf({ messages }: Pick<ChatDetail, 'messages'>): Message | null {
  return messages.find(({ role }) => role === 'assistant') ?? null;
}

async function call<Body>(
  { url }: ServerProcess,
  method: string,
  path: string,
  body?: object,
): Promise<Body> {
  const response = await fetch(url + path, {
    method,
    headers: { connection: 'close', ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
}
