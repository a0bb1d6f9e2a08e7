/** Turns a picture drawn by a model into a file that can be downloaded, or sent back to be changed. */
import type { FileReference, GeneratedImage } from '@rill/protocol';

export const pictureName = ({ mediaType = 'image/png' }: GeneratedImage): string =>
  `picture.${mediaType.slice('image/'.length).replace('jpeg', 'jpg')}`;

/** As an attachment of the next message; what is not known here the server knows by its id. */
export function toReference(image: GeneratedImage, fileId: string): FileReference {
  const { mediaType = 'image/png', width = null, height = null } = image;
  return {
    id: fileId,
    name: pictureName(image),
    mediaType,
    sizeBytes: 0,
    sha256: '',
    width,
    height,
    pageCount: null,
    estimatedTokens: null,
  };
}
