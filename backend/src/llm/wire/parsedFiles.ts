/** Reads what a service extracted from a file. Sent back with the file, it saves parsing the file again. */
import { isJsonObject, type JsonObject } from '@rill/protocol';
import { arrayOf, isShallow, objectOf, textOf } from './jsonValue.ts';

export interface ParsedFile {
  /** As named in the request; '' if the service does not tell. */
  readonly name: string;
  /** The annotation unchanged, to be sent back. */
  readonly annotation: JsonObject;
  /** Of its JSON, in UTF-16 units. */
  readonly length: number;
}

/** A longer one is not kept; the file is then parsed again. */
const maxLength = 8 * 1024 * 1024;

/** Each file once, by its hash. */
export function decodeParsedFiles(annotations: unknown): ParsedFile[] {
  const hashes = new Set<string>();
  return arrayOf(annotations).flatMap((annotation) => {
    if (!isJsonObject(annotation) || annotation.type !== 'file' || !isShallow(annotation)) return [];
    const { length } = JSON.stringify(annotation);
    const { name, hash } = objectOf(annotation.file);
    const key = textOf(hash);
    if (length > maxLength || (key !== null && hashes.has(key))) return [];
    if (key !== null) hashes.add(key);
    return [{ name: textOf(name) ?? '', annotation, length }];
  });
}

/** The files that a service parsed before every model failed. `error` is a whole body, or its member `error`. */
export function parsedFilesOfError(error: unknown): ParsedFile[] {
  const { error: inner, metadata } = objectOf(error);
  return decodeParsedFiles(objectOf(metadata ?? objectOf(inner).metadata).file_annotations);
}
