/**
 * Loads the files of a request into its messages; their bytes are in memory until the request is written. An answer to
 * a message with PDFs also gets what a service read in them, as does a message without an answer.
 */
import { type FileReference, type JsonObject, type PdfEngine, RillError } from '@rill/protocol';
import type { ContextMessage } from '../../context/buildContext.ts';
import { giveFilesAgain } from '../../llm/giveFilesAgain.ts';
import type { ProviderFile } from '../../llm/wire/contentParts.ts';
import type { ProviderMessage } from '../../llm/wire/openRouterRequest.ts';
import { findFileAnnotations } from '../../store/files/fileAnnotations.ts';
import type { RunDependencies } from '../runDependencies.ts';

/** Errors: not_found for a file whose content is missing. */
export async function loadFiles(
  { files, database }: Pick<RunDependencies, 'files' | 'database'>,
  messages: readonly ContextMessage[],
  engine: PdfEngine = 'text',
): Promise<ProviderMessage[]> {
  const load = (references: readonly FileReference[]) =>
    Promise.all(references.map((reference) => loadFile(files.store.read, reference)));
  const known = await findFileAnnotations(database.reader, messages.flatMap(pdfIdsOf), engine);
  const loaded: ProviderMessage[] = [];
  let unsent: JsonObject[] = [];
  for (const message of messages) {
    const { role, content, filesBefore, files: after, thought } = message;
    const annotations = role === 'assistant' ? unsent : [];
    unsent = pdfIdsOf(message)
      .map((id) => known.get(id))
      .filter((annotation) => annotation !== undefined);
    loaded.push({
      role,
      content,
      ...(filesBefore && { filesBefore: await load(filesBefore) }),
      ...(after && { files: await load(after) }),
      ...(annotations.length > 0 && { annotations }),
      ...(thought && { thought }),
    });
  }
  return giveFilesAgain(loaded, unsent);
}

const pdfIdsOf = ({ filesBefore = [], files = [] }: ContextMessage): string[] =>
  [...filesBefore, ...files].filter(({ mediaType }) => mediaType === 'application/pdf').map(({ id }) => id);

async function loadFile(
  read: (sha256: string) => Promise<Buffer>,
  { name, mediaType, sha256 }: FileReference,
): Promise<ProviderFile> {
  try {
    return { name, mediaType, bytes: await read(sha256) };
  } catch (cause) {
    if (!(cause instanceof RillError)) throw cause;
    throw new RillError('not_found', { message: `The content of the file ${name} is gone.`, cause });
  }
}
