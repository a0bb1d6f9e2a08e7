/** Reads the files of a request, so that its messages carry their bytes. They are in memory until the request is written. */
import { type FileReference, RillError } from '@rill/protocol';
import type { ContextMessage } from '../../context/buildContext.ts';
import type { ProviderFile } from '../../llm/wire/contentParts.ts';
import type { ProviderMessage } from '../../llm/wire/openRouterRequest.ts';
import type { RunDependencies } from '../runDependencies.ts';

/** Errors: not_found for a file whose content is gone. */
export async function loadFiles(
  { files }: Pick<RunDependencies, 'files'>,
  messages: readonly ContextMessage[],
): Promise<ProviderMessage[]> {
  const load = (references: readonly FileReference[]) =>
    Promise.all(references.map((reference) => loadFile(files.store.read, reference)));
  const loaded: ProviderMessage[] = [];
  for (const { role, content, filesBefore, files: after } of messages)
    loaded.push({
      role,
      content,
      ...(filesBefore && { filesBefore: await load(filesBefore) }),
      ...(after && { files: await load(after) }),
    });
  return loaded;
}

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
