/** Tests the lines of docs/affinity.md in the real programs: all requests of one chat go to one node. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { v7 as newId } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { caddyConfig, haproxyConfig, nginxConfig } from './proxyConfigs.ts';
import { isInstalled, type ProxyName, type ProxyProcess, startProxy } from './proxyProgram.ts';

const page = readFileSync(fileURLToPath(new URL('../../../docs/affinity.md', import.meta.url)), 'utf8');

/** The lines of the page for one program, with these ports in place of its own. */
function linesOf(language: string, ports: readonly number[]): string[] {
  const blocks = [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))];
  return blocks.map(([, lines = '']) =>
    ports.reduce(
      (text, port, index) => text.replaceAll(`127.0.0.1:300${index + 1}`, `127.0.0.1:${port}`),
      lines,
    ),
  );
}

const configs: Readonly<
  Record<
    'nginx' | 'caddy' | 'haproxy',
    (ports: readonly number[]) => (port: number, folder: string) => string
  >
> = {
  nginx: (ports) => {
    const [inHttp = '', inServer = ''] = linesOf('nginx', ports);
    return (port, folder) => nginxConfig(inServer)(port, folder).replace('gzip on;', `gzip on;\n${inHttp}`);
  },
  caddy: (ports) => caddyConfig(linesOf('caddy', ports).join('\n')),
  haproxy: (ports) => haproxyConfig(linesOf('haproxy', ports).join('\n')),
};

/** A node that says which one it is. */
async function startNode(name: string): Promise<Server> {
  const server = createServer((_request, response) => response.end(name)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function stopNode(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

const pathsOf = (chatId: string): string[] => {
  const chat = `/api/projects/${newId()}/chats/${chatId}`;
  return [
    chat,
    `${chat}/messages`,
    `${chat}/messages/stream?cursor=${newId()}`,
    `${chat}/cancel`,
    `${chat}/queue`,
  ];
};

describe.each(['nginx', 'caddy', 'haproxy'] as const)('%s', (program: ProxyName & keyof typeof configs) => {
  let nodes: Server[];
  let proxy: ProxyProcess;
  beforeEach(async () => {
    nodes = await Promise.all(['one', 'two', 'three'].map(startNode));
    const ports = nodes.map((node) => (node.address() as AddressInfo).port);
    proxy = await startProxy(program, configs[program](ports));
  });
  afterEach(async () => {
    await proxy.close();
    for (const node of nodes) await stopNode(node);
  });

  const ask = async (path: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${proxy.port}${path}`);
    return response.text();
  };
  /** The nodes that the requests of each chat went to. */
  async function nodesOfChats(chatIds: readonly string[]): Promise<string[][]> {
    const found: string[][] = [];
    for (const chatId of chatIds) {
      const answers: string[] = [];
      for (const path of pathsOf(chatId)) answers.push(await ask(path));
      found.push([...new Set(answers)]);
    }
    return found;
  }

  it('is installed', () => expect(isInstalled(program)).toBe(true));

  it('leads all requests of a chat to one node, and chats to all nodes', async () => {
    const found = await nodesOfChats(Array.from({ length: 30 }, () => newId()));
    expect(found.filter((names) => names.length !== 1)).toEqual([]);
    expect(new Set(found.flat())).toEqual(new Set(['one', 'two', 'three']));
  });

  it('leads requests without a chat to all nodes', async () => {
    const answers = new Set<string>();
    for (let request = 0; request < 60; request += 1) answers.add(await ask('/api/projects'));
    expect(answers).toEqual(new Set(['one', 'two', 'three']));
  });

  it('leads a chat to another node once its own has gone', async () => {
    const chatId = newId();
    const [path = ''] = pathsOf(chatId);
    const name = await ask(path);
    await stopNode(nodes[['one', 'two', 'three'].indexOf(name)]!);
    let answer = '';
    while (!['one', 'two', 'three'].includes(answer) || answer === name) answer = await ask(path);
    expect(answer).not.toBe(name);
  });
});
