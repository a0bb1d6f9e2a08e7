/** Recognizes requests for temporary data by the chat, the run or the file in their address. */
import type { FastifyRequest } from 'fastify';
import type { NamedRow } from '../../runs/temporary/keepers.ts';
import type { ApiDependencies } from '../apiDependencies.ts';

const namedInPath = /^\/api\/(?:projects\/[^/?]+\/chats|(runs|files))\/([^/?]+)/;
/** The address of an upload names its chat. */
const uploadFor = /^\/api\/files\?(?:.*&)?chatId=([^&]+)/;

/** Null where an address names none. */
export function namedInAddress({ raw: { url = '' } }: FastifyRequest): NamedRow | null {
  const uploadedFor = uploadFor.exec(url)?.[1];
  if (uploadedFor !== undefined) return { table: 'chats', id: uploadedFor };
  const [, table = 'chats', id] = namedInPath.exec(url) ?? [];
  return id === undefined ? null : { table: table as NamedRow['table'], id };
}

export function isForTemporaryChat(
  request: FastifyRequest,
  { opened }: ApiDependencies['temporary'],
): boolean {
  const named = opened && namedInAddress(request);
  if (!named) return false;
  const { database } = opened;
  const { table, id } = named;
  if (table === 'runs') return database.hasRun(id);
  return table === 'files' ? database.hasFile(id) : database.hasChat(id);
}
