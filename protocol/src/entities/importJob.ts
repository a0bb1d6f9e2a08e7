/** Describes an import: its counts, its progress, and the result for each thing in it. */
import { type Static, Type } from 'typebox';
import { Id } from './entities.ts';
import { nullable } from './fieldSchemas.ts';

/** Where the data comes from; `rill` is an archive that Rill wrote. */
export const ImportProduct = Type.Union([
  Type.Literal('rill'),
  Type.Literal('chatgpt'),
  Type.Literal('claude'),
  Type.Literal('open-webui'),
  Type.Literal('librechat'),
  Type.Literal('chat-ui'),
]);
export type ImportProduct = Static<typeof ImportProduct>;

/**
 * The state of an import. It is `counting` until everything was read once, then `counted`: nothing is stored before it
 * is started. `stopped` can be started again and then continues.
 */
export const ImportState = Type.Union([
  Type.Literal('counting'),
  Type.Literal('counted'),
  Type.Literal('running'),
  Type.Literal('stopped'),
  Type.Literal('completed'),
  Type.Literal('failed'),
]);
export type ImportState = Static<typeof ImportState>;

const Count = (description: string) => Type.Integer({ minimum: 0, description });

/** What is in the data. */
export const ImportCount = Type.Object({
  items: Count('Things that the report will name: conversations, and what is beside them.'),
  conversations: Count('Conversations.'),
  messages: Count('Messages, on all branches.'),
  files: Count('Files and pictures.'),
});
export type ImportCount = Static<typeof ImportCount>;

/**
 * The result for one item: `imported` is new and complete, `partial` was stored but not all of it was understood,
 * `updated` existed and got something new, `unchanged` existed already, `skipped` has nothing to store or is not a
 * conversation, `failed` was not stored.
 */
export const ImportOutcome = Type.Union([
  Type.Literal('imported'),
  Type.Literal('partial'),
  Type.Literal('updated'),
  Type.Literal('unchanged'),
  Type.Literal('skipped'),
  Type.Literal('failed'),
]);
export type ImportOutcome = Static<typeof ImportOutcome>;

/** One import. */
export const ImportJob = Type.Object({
  id: Id,
  name: Type.String({ description: 'The name of the file that was given; may be empty.' }),
  sizeBytes: Type.Integer({ minimum: 0, description: 'Of the file, in bytes.' }),
  state: ImportState,
  product: nullable(ImportProduct),
  count: nullable(ImportCount),
  doneItems: Type.Integer({ minimum: 0, description: 'Things in the report so far.' }),
  outcomes: Type.Record(Type.String(), Type.Integer(), {
    description: 'How many things of the report have each outcome; absent outcomes have none.',
  }),
  problem: nullable(Type.String({ description: 'Why it failed, in one sentence.' })),
  createdAtMs: Type.Integer({ minimum: 0, description: 'Milliseconds since the Unix epoch.' }),
  endedAtMs: nullable(Type.Integer({ minimum: 0, description: 'Milliseconds since the Unix epoch.' })),
});
export type ImportJob = Static<typeof ImportJob>;

/** One line of the report. */
export const ImportItem = Type.Object({
  key: Type.String({ description: 'Names the thing in its source.' }),
  title: Type.String(),
  outcome: ImportOutcome,
  chatId: nullable(Id),
  projectId: nullable(Id),
  notes: Type.Array(Type.String(), { description: 'What was not understood or not stored, in sentences.' }),
});
export type ImportItem = Static<typeof ImportItem>;
