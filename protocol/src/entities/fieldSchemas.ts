/** Defines the schemas that several entities, events and bodies share. */
import { type TSchema, Type } from 'typebox';

/** Refuses fields that an object does not have. */
export const closed = { additionalProperties: false } as const;
/** A value, or null where it is absent. */
export const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
/** Text of 1 to `maxLength` characters that is not blank. */
export const NotBlank = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' });
/** Id of a project, chat, message, run or file: a UUIDv7 the server made, opaque to clients, 1 to 64 characters. */
export const Id = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9-]+$' });
/** The id of a model, as the provider names it. */
export const ModelId = Type.String({ minLength: 1, maxLength: 200, pattern: '^\\S+$' });
/** An event of a run or of the feed: `name` says what happened, `data` is what the wire carries. */
export const eventSchema = <Name extends string, Data extends Parameters<typeof Type.Object>[0][string]>(
  name: Name,
  data: Data,
) => Type.Object({ type: Type.Literal(name), data });
