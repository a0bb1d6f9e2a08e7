/** Lists the types of files that Rill accepts. The server determines a file's type from its bytes, not from its name. */
import { type Static, Type } from 'typebox';

/** The media type of a file, as its content shows. Text of every kind, code too, is `text/plain`. */
export const FileMediaType = Type.Union([
  Type.Literal('image/png'),
  Type.Literal('image/jpeg'),
  Type.Literal('image/webp'),
  Type.Literal('image/gif'),
  Type.Literal('application/pdf'),
  Type.Literal('text/plain'),
]);
export type FileMediaType = Static<typeof FileMediaType>;
