/**
 * Serves the built page: hashed files are cached for ever, the page itself is always revalidated, and every other path
 * gets the page.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendNotFound } from './errors/errorReply.ts';

export async function addPage(
  server: FastifyInstance,
  pageDirectory: string,
  basePath: string,
): Promise<void> {
  const sendPage = await createPageSender(pageDirectory, basePath);
  await server.register(fastifyStatic, {
    root: pageDirectory,
    cacheControl: false,
    // The build has each text file compressed beside it.
    preCompressed: true,
    // The page itself is left to `sendPage`.
    allowedPath: (path) => path !== '/' && path !== '/index.html',
    setHeaders(reply, path) {
      const isHashed = /[/\\]assets[/\\]/.test(path);
      reply.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  server.setNotFoundHandler((request, reply) =>
    isForPage(request) ? sendPage(reply) : sendNotFound(request, reply),
  );
}

function isForPage({ method, url, headers }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (/^\/(index\.html)?(\?|$)/.test(url)) return true;
  return !url.startsWith('/api') && (headers.accept ?? '').includes('text/html');
}

/** The page names its files from the root; under a base path the names are changed once, and sent as they are then. */
async function createPageSender(
  pageDirectory: string,
  basePath: string,
): Promise<(reply: FastifyReply) => FastifyReply> {
  if (basePath === '') return (reply) => reply.sendFile('index.html');
  const page = await readFile(join(pageDirectory, 'index.html'), 'utf8');
  const moved = page.replaceAll(/ (href|src|content)="\//g, ` $1="${basePath}/`);
  return (reply) => reply.header('Cache-Control', 'no-cache').type('text/html; charset=utf-8').send(moved);
}
