/** Defines saved prompts, which are texts that a user sends repeatedly, their bodies and their routes. */
import { type Static, Type } from 'typebox';
import { Id } from '../entities/entities.ts';
import { closed, NotBlank, nullable } from '../entities/fieldSchemas.ts';
import { madeIdPattern } from '../routes/chatBodies.ts';
import { NextPageToken, PageQuery } from '../routes/parameters.ts';
import { NoContent, type RouteDefinition } from '../routes/routeDefinition.ts';

/** Most prompts of one user. */
export const maxPrompts = 1000;
/** Longest prompt, in UTF-16 units. */
export const maxPromptLength = 100_000;

const TimestampMs = Type.Integer({ minimum: 0, description: 'Milliseconds since the Unix epoch.' });

/**
 * A saved text, offered in one project, or in all when `projectId` is null. `content` is kept exactly: words in it such
 * as `{{topic}}` are fields to a page, and plain text here.
 */
export const Prompt = Type.Object({
  id: Id,
  name: Type.String(),
  content: Type.String(),
  projectId: nullable(Id),
  createdAtMs: TimestampMs,
  updatedAtMs: TimestampMs,
});
export type Prompt = Static<typeof Prompt>;

const promptFields = {
  name: NotBlank(200),
  content: Type.String({ minLength: 1, maxLength: maxPromptLength }),
  projectId: Type.Optional(nullable(Id)),
};

/** A prompt to save. With `id`, a repeated request returns the existing prompt. */
export const CreatePrompt = Type.Object(
  {
    id: Type.Optional(Type.String({ pattern: madeIdPattern, description: 'A UUIDv7 that the client made.' })),
    ...promptFields,
  },
  closed,
);
export type CreatePrompt = Static<typeof CreatePrompt>;

/** The fields to change, at least one. */
export const UpdatePrompt = Type.Partial(Type.Object(promptFields), { ...closed, minProperties: 1 });
export type UpdatePrompt = Static<typeof UpdatePrompt>;

const promptPath = '/api/prompts/:promptId';
const PromptParams = Type.Object({ promptId: Id });

/** Routes of the table in `routes.ts`, by their names. */
export const promptRoutes = {
  listPrompts: {
    method: 'GET',
    path: '/api/prompts',
    summary: 'Saved prompts of all projects, oldest first.',
    querystring: PageQuery,
    response: { 200: Type.Object({ prompts: Type.Array(Prompt), nextPageToken: NextPageToken }) },
  },
  createPrompt: {
    method: 'POST',
    path: '/api/prompts',
    summary: 'Saves a prompt.',
    body: CreatePrompt,
    response: { 201: Prompt },
  },
  updatePrompt: {
    method: 'PATCH',
    path: promptPath,
    summary: 'Changes the fields of a prompt that are given.',
    params: PromptParams,
    body: UpdatePrompt,
    response: { 200: Prompt },
  },
  deletePrompt: {
    method: 'DELETE',
    path: promptPath,
    summary: 'Deletes a prompt.',
    params: PromptParams,
    response: { 204: NoContent },
  },
} as const satisfies Readonly<Record<string, RouteDefinition>>;
