/**
 * Serves the built page: hashed files may be cached for ever, the page itself is always revalidated, and every other
 * path returns the page.
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
    // The build adds a compressed copy of each text file.
    preCompressed: true,
    // `sendPage` serves the page itself.
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

/** The page refers to its files from the root. Under a base path these references are rewritten once. */
async function createPageSender(
  pageDirectory: string,
  basePath: string,
): Promise<(reply: FastifyReply) => FastifyReply> {
  if (basePath === '') return (reply) => reply.sendFile('index.html');
  const page = await readFile(join(pageDirectory, 'index.html'), 'utf8');
  const moved = page.replaceAll(/ (href|src|content)="\//g, ` $1="${basePath}/`);
  return (reply) => reply.header('Cache-Control', 'no-cache').type('text/html; charset=utf-8').send(moved);
}
