/** Describes a file that was uploaded or that a model made; its bytes are fetched by its id. */
import { type Static, Type } from 'typebox';
import { Id, nullable } from './fieldSchemas.ts';
import { maxFilesOfMessage } from './fileLimits.ts';
import { FileMediaType } from './fileMediaTypes.ts';

/** A file, without its bytes. `width` and `height` are of pictures, `pageCount` is of PDFs, as far as it is known. */
export const FileReference = Type.Object({
  id: Id,
  name: Type.String(),
  mediaType: FileMediaType,
  sizeBytes: Type.Integer({ minimum: 0, description: 'In bytes.' }),
  sha256: Type.String({ description: 'Of its bytes, in hexadecimal.' }),
  width: nullable(Type.Integer({ minimum: 1, description: 'In pixels.' })),
  height: nullable(Type.Integer({ minimum: 1, description: 'In pixels.' })),
  pageCount: nullable(Type.Integer({ minimum: 1 })),
  estimatedTokens: nullable(
    Type.Integer({ minimum: 0, description: 'What it takes of a context, in tokens, estimated.' }),
  ),
});
export type FileReference = Static<typeof FileReference>;

/** Files of a message to send, by their ids. */
export const FileIds = Type.Array(Id, { minItems: 1, maxItems: maxFilesOfMessage });
