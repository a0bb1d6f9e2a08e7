/** Reads compose.yaml, and makes of its services processes without containers. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';

const inRepository = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const Words = Type.Record(Type.String(), Type.String());
const Service = Type.Object(
  {
    image: Type.String(),
    build: Type.Optional(Type.String()),
    restart: Type.Optional(Type.Union([Type.Literal('unless-stopped'), Type.Literal('always')])),
    stop_grace_period: Type.Optional(Type.String({ pattern: '^\\d+s$' })),
    command: Type.Optional(Type.Array(Type.String())),
    environment: Type.Optional(Words),
    ports: Type.Optional(Type.Array(Type.String({ pattern: '^\\d+:\\d+$' }))),
    volumes: Type.Optional(Type.Array(Type.String({ pattern: '^[^:]+:/[^:]+(:ro)?$' }))),
    depends_on: Type.Optional(
      Type.Union([
        Type.Array(Type.String()),
        Type.Record(
          Type.String(),
          Type.Object({ condition: Type.String({ pattern: '^service_(healthy|started)$' }) }),
        ),
      ]),
    ),
    healthcheck: Type.Optional(
      Type.Object({
        test: Type.Array(Type.String()),
        interval: Type.String({ pattern: '^\\d+s$' }),
        timeout: Type.String({ pattern: '^\\d+s$' }),
        retries: Type.Integer(),
      }),
    ),
  },
  { additionalProperties: false },
);
const ComposeFile = Type.Object(
  {
    'x-node': Type.Unknown(),
    services: Type.Record(Type.String(), Service),
    volumes: Type.Record(Type.String(), Type.Null()),
  },
  { additionalProperties: false },
);

/** The part of the Compose specification that the file uses. Errors: what does not fit. */
export function readCompose() {
  const given: unknown = parse(readFileSync(inRepository('compose.yaml'), 'utf8'), { merge: true });
  const [problem] = Value.Errors(ComposeFile, given);
  if (problem) throw new Error(`compose.yaml${problem.instancePath} ${problem.message}`);
  return Value.Parse(ComposeFile, given);
}

export const readNginxLines = (): string => readFileSync(inRepository('deploy/nginx.conf'), 'utf8');
export const readDockerfile = (): string => readFileSync(inRepository('Dockerfile'), 'utf8');

/** Puts the variables in, as compose does: `${NAME:-default}`, `${NAME:?sentence}`. */
export function withVariables(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}/g, (whole, name: string, fallback?: string) => {
    const value = variables[name] ?? fallback;
    if (value === undefined) throw new Error(`${whole} has no value.`);
    return value;
  });
}
