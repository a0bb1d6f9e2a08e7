/**
 * Stores the files that arrive with an answer: pictures that the model made, and what a service read in the files of
 * the request.
 */
import { type GeneratedImage, isPicture, type JsonObject, type PdfEngine, RillError } from '@rill/protocol';
import type { ContextMessage } from '../../context/buildContext.ts';
import { decodeBase64 } from '../../files/decodeBase64.ts';
import { type ReceivedImage, urlOf } from '../../llm/wire/completionChunk.ts';
import type { ParsedFile } from '../../llm/wire/parsedFiles.ts';
import { saveFileAnnotation } from '../../store/files/fileAnnotations.ts';
import { pdfsOf } from '../money/readingFee.ts';
import type { RunDependencies } from '../runDependencies.ts';

const dataUrl = /^data:(image\/[\w.+-]+)(?:;[\w=-]+)*;base64,/i;

/**
 * Stores the bytes of pictures, so that events and messages only refer to them. A picture at an external address stays
 * there, and an invalid file stays as it arrived.
 */
export async function storePictures(
  { files, logger }: Pick<RunDependencies, 'files' | 'logger'>,
  ownerId: string,
  images: readonly ReceivedImage[],
): Promise<GeneratedImage[]> {
  const stored: GeneratedImage[] = [];
  for (const image of images) {
    stored.push((await storePicture(files, ownerId, image, logger)) ?? { url: urlOf(image) });
  }
  return stored;
}

async function storePicture(
  files: RunDependencies['files'],
  ownerId: string,
  { url }: ReceivedImage,
  logger: RunDependencies['logger'],
): Promise<GeneratedImage | null> {
  const [head, type = ''] = dataUrl.exec(typeof url === 'string' ? url.slice(0, 200) : url.start(200)) ?? [];
  if (head === undefined) return null;
  const extension = /svg/i.test(type) ? 'svg' : type.slice('image/'.length).toLowerCase();
  try {
    const name = `picture.${extension.replaceAll(/[^a-z0-9]/g, '')}`;
    const slices = typeof url === 'string' ? [url.slice(head.length)] : url.slices(head.length);
    const chunks = decodeBase64(slices);
    const reference = await files.upload({ ownerId, name, chunks });
    const { id, mediaType, width, height } = reference;
    return {
      url: `/api/files/${id}/content`,
      fileId: id,
      mediaType,
      ...(isPicture(reference) && width !== null && height !== null && { width, height }),
    };
  } catch (error) {
    if (!(error instanceof RillError) || error.status >= 500) throw error;
    const fields = { code: error.code, reason: error.message };
    logger.warn(fields, 'a picture of a model was not stored as a file');
    return null;
  }
}

/**
 * Stores what a service read in the PDFs of the request, matched by name, or whatever the name if there is only one.
 */
export async function saveParsedFiles(
  { database }: Pick<RunDependencies, 'database'>,
  context: readonly ContextMessage[],
  parsed: readonly ParsedFile[],
  engine: PdfEngine = 'text',
): Promise<void> {
  const left = new Map([...pdfsOf(context)].map(([id, { name }]) => [id, name]));
  const saved: [fileId: string, annotation: JsonObject][] = [];
  for (const { name, annotation } of parsed) {
    const named = [...left].find(([, each]) => each === name) ?? (left.size === 1 ? [...left][0] : undefined);
    if (!named) continue;
    left.delete(named[0]);
    saved.push([named[0], annotation]);
  }
  if (saved.length === 0) return;
  await database.transaction(async (transaction) => {
    for (const [fileId, annotation] of saved)
      await saveFileAnnotation(transaction, fileId, annotation, engine);
  }, 'process-death');
}
