/** Reads what a service made of a file that it parsed. Sent back with the answer, it saves parsing the file again. */
import { isJsonObject, type JsonObject } from '@rill/protocol';
import { arrayOf, isShallow, objectOf, textOf } from './jsonValue.ts';

export interface ParsedFile {
  /** As the request named the file; '' when the service does not say. */
  readonly name: string;
  /** The annotation as it came, to be sent back unchanged. */
  readonly annotation: JsonObject;
  /** Of its JSON, in UTF-16 units. */
  readonly length: number;
}

/** A longer one is not kept: the file is parsed again then. */
const maxLength = 8 * 1024 * 1024;

export function decodeParsedFiles(annotations: unknown): ParsedFile[] {
  return arrayOf(annotations).flatMap((annotation) => {
    if (!isJsonObject(annotation) || annotation.type !== 'file' || !isShallow(annotation)) return [];
    const { length } = JSON.stringify(annotation);
    const name = textOf(objectOf(annotation.file).name) ?? '';
    return length <= maxLength ? [{ name, annotation, length }] : [];
  });
}
