/** Validation by the protocol's schemas. Each is compiled with the first request that it is for, not at the start. */
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Convert } from 'typebox/value';

type SchemaCompiler = FastifySchemaCompiler<TSchema>;

export const compileWhenUsed: SchemaCompiler = (route) => {
  const state: { validate: ReturnType<SchemaCompiler> | null } = { validate: null };
  return (value) => {
    state.validate ??= compile(route);
    return state.validate(value);
  };
};

/** What is no body is text: its numbers and booleans are read first. */
const compile: SchemaCompiler = ({ schema, httpPart }) => {
  const validator = Compile(schema);
  return (given: unknown) => {
    const value = httpPart === 'body' ? given : Convert(schema, given);
    return validator.Check(value) ? { value } : { error: validator.Errors(value) };
  };
};

/** In the place of Fastify's own compilers, so that those are not even loaded. */
export const noOtherCompilers = {
  compilersFactory: { buildValidator: refuse, buildSerializer: refuse },
};

function refuse(): never {
  throw new Error('A schema came before its compiler.');
}
