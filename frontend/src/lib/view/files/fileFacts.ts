/** Describes a file before it is sent: its type, how much of it the model reads, and what that costs. */
import { type FileReference, isPicture, type Model } from '@rill/protocol';
import { formatEstimatedCost } from '../strings/format.ts';
import { fileStrings } from './fileStrings.ts';

type ModelFacts = Pick<Model, 'contextLengthTokens' | 'promptUsdPerToken' | 'inputModalities'>;

/** What is known of it, shortest first. */
export function fileFacts(file: FileReference, model: ModelFacts | null): string[] {
  return [...whatItIs(file), ...whatItTakes(file, model)];
}

function whatItTakes(
  { mediaType, estimatedTokens: tokens }: FileReference,
  model: ModelFacts | null,
): string[] {
  if (tokens === null) return mediaType === 'application/pdf' ? [fileStrings.unknownTokens] : [];
  const limit = model?.contextLengthTokens ?? null;
  const price = model?.promptUsdPerToken;
  const words = [fileStrings.tokens(tokens)];
  if (limit !== null && tokens > limit) return [...words, fileStrings.doesNotFit];
  return price ? [...words, formatEstimatedCost(tokens * price)] : words;
}

function whatItIs({ name, mediaType, sizeBytes, width, height, pageCount }: FileReference): string[] {
  if (width !== null && height !== null) return [fileStrings.picture(width, height)];
  if (mediaType !== 'application/pdf') return [`${endingOf(name)} ${fileStrings.size(sizeBytes)}`];
  if (pageCount === null) return [`${fileStrings.pdf} ${fileStrings.size(sizeBytes)}`];
  return [fileStrings.pdf, pageCount === 1 ? fileStrings.onePage : fileStrings.pages(pageCount)];
}

/** What a kind of text is called by. */
function endingOf(name: string): string {
  return /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1]?.toUpperCase() ?? fileStrings.text;
}

/** Why a model cannot take these files; null when it can, or when that is not known. */
export function fileProblem(
  files: readonly FileReference[],
  model: (ModelFacts & Pick<Model, 'name'>) | null,
): { readonly words: string; readonly isOfModel: boolean } | null {
  if (!model) return null;
  const { inputModalities, contextLengthTokens, name } = model;
  if (inputModalities && !inputModalities.includes('image') && files.some(isPicture))
    return { words: fileStrings.noPictures(name), isOfModel: true };
  const tokens = files.reduce((sum, { estimatedTokens }) => sum + (estimatedTokens ?? 0), 0);
  return contextLengthTokens !== null && tokens > contextLengthTokens
    ? { words: fileStrings.tooLong(tokens, contextLengthTokens), isOfModel: true }
    : null;
}
