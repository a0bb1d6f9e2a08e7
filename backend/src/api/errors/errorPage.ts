/** Turns an error into a readable page, for a browser that opens an address for which Rill has no page. */
import { createHash } from 'node:crypto';
import type { RillError } from '@rill/protocol';
import type { FastifyReply } from 'fastify';

const style =
  ':root{color-scheme:light dark;font:1rem/1.6 system-ui,sans-serif}' +
  'body{margin:20vh auto 0;padding:0 1.5rem;max-width:36rem;overflow-wrap:anywhere}h1{font-size:1.25rem}';

const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join(';');

export function sendErrorPage(reply: FastifyReply, error: RillError): FastifyReply {
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rill</title>
<style>${style}</style>
<h1>Rill cannot show this page</h1>
<p>${escapeHtml(error.message)}</p>
</html>
`;
  return reply
    .status(error.status)
    .headers({ 'content-security-policy': contentSecurityPolicy, 'cache-control': 'no-store' })
    .type('text/html; charset=utf-8')
    .send(page);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
