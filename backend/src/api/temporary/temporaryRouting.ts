/** Recognises requests for temporary data by the chat, the run or the file in their address. */
import type { FastifyRequest } from 'fastify';
import type { ApiDependencies } from '../apiDependencies.ts';

const namedInPath = /^\/api\/(?:projects\/[^/?]+\/chats|(runs|files))\/([^/?]+)/;
/** An upload names the chat that it is for. */
const uploadFor = /^\/api\/files\?(?:.*&)?chatId=([^&]+)/;

export function isForTemporaryChat(
  { raw: { url = '' } }: FastifyRequest,
  { opened }: ApiDependencies['temporary'],
): boolean {
  if (!opened) return false;
  const [, kind, id = uploadFor.exec(url)?.[1]] = namedInPath.exec(url) ?? [];
  if (id === undefined) return false;
  if (kind === 'runs') return opened.database.hasRun(id);
  return kind === 'files' ? opened.database.hasFile(id) : opened.database.hasChat(id);
}
