/** Defines the bodies of requests about projects. */
import { type Static, Type } from 'typebox';
import { Timeouts } from '../entities/entities.ts';
import { closed, ModelId, NotBlank, nullable } from '../entities/fieldSchemas.ts';
import { GenerationOptions } from '../entities/generationOptions.ts';

const projectFields = {
  name: NotBlank(200),
  systemPrompt: Type.Optional(nullable(Type.String({ maxLength: 100_000 }))),
  defaultModel: Type.Optional(nullable(ModelId)),
  options: Type.Optional(nullable(GenerationOptions)),
  timeouts: Type.Optional(nullable(Timeouts)),
};
/** A project to create. `name` has 1 to 200 characters and is cleaned by `cleanName`; absent fields are `null`. */
export const CreateProject = Type.Object(projectFields, closed);
export type CreateProject = Static<typeof CreateProject>;
/** The fields of a project to change, at least one. `null`, where it is allowed, leaves the field to the server. */
export const UpdateProject = Type.Partial(Type.Object(projectFields), { ...closed, minProperties: 1 });
export type UpdateProject = Static<typeof UpdateProject>;
