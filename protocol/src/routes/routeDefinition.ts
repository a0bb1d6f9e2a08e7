/** Defines the description of a route, and the response bodies that routes of every kind share. */
import { type Static, type TSchema, Type } from 'typebox';
import { ErrorCodeSchema } from '../entities/entities.ts';

/**
 * One route: verb, path with `:names`, and the schemas of what goes in and out. A request that does not fit its schema
 * is 400 `bad_request`.
 */
export interface RouteDefinition {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly params?: TSchema;
  readonly querystring?: TSchema;
  readonly headers?: TSchema;
  readonly body?: TSchema;
  /** Largest body in bytes, where it is smaller than the server's limit. */
  readonly maxBodyBytes?: number;
  /** Success statuses; every route may also answer any error of the table. 204 has no body. */
  readonly response: Readonly<Record<number, TSchema>>;
  /** True when the body is the bytes of a file, of any type. */
  readonly takesBytes?: true;
  /** True when success is the bytes of a file. */
  readonly givesBytes?: true;
  /** True when success is an event stream (PROTOCOL.md) and `response` has no JSON for 200. */
  readonly isStream?: true;
}

/**
 * Body of every response that is not a success. `message` is one sentence that is safe to show; `details` has small
 * facts, such as the id of the active run or `retryAfterMs`.
 */
export const ErrorBody = Type.Object({
  error: Type.Object({
    code: ErrorCodeSchema,
    message: Type.String(),
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  }),
});
export type ErrorBody = Static<typeof ErrorBody>;

/** The body of 204: none. */
export const NoContent = Type.Null();
