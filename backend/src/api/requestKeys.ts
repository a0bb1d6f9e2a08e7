/** Reads the chat, the send key and the cursor that a request names. */
import type { SendMessage } from '@rill/protocol';
import type { FastifyRequest } from 'fastify';
import type { ChatKey } from '../store/chats/chats.ts';

export interface ChatRequest {
  Params: { id: string; chatId: string };
}

/** A message of the chat that the path names. */
export interface MessageRequest {
  Params: ChatRequest['Params'] & { messageId: string };
}

/** `follow`: `false` ends the response after the events that exist now. */
export interface FollowRequest {
  Querystring: { follow?: 'true' | 'false' };
  Headers: { 'last-event-id'?: string };
}

export interface ResumeRequest extends FollowRequest {
  Querystring: FollowRequest['Querystring'] & { cursor?: string };
}

/** The chat that the path names, as the store names it. */
export function chatKeyOf({ ownerId, params }: FastifyRequest<ChatRequest>): ChatKey {
  return { ownerId, projectId: params.id, chatId: params.chatId };
}

/** The `Idempotency-Key` header, else `clientMessageId` in the body, else null. */
export function sendKeyOf(request: FastifyRequest<{ Body: SendMessage }>): string | null {
  const header = request.headers['idempotency-key'];
  return (Array.isArray(header) ? header[0] : header) ?? request.body.clientMessageId ?? null;
}

/**
 * The header, else the query: EventSource repeats the query of its first request, so the header is newer. Null without
 * either.
 */
export function cursorOf({
  headers,
  query,
}: Pick<FastifyRequest<ResumeRequest>, 'headers' | 'query'>): string | null {
  return headers['last-event-id'] || query.cursor || null;
}

export const isFollowed = ({ query }: Pick<FastifyRequest<FollowRequest>, 'query'>): boolean =>
  query.follow !== 'false';
