/**
 * Defines limits on the number and size of files. They are apart from the schemas, which would be most of what a page
 * loads for them.
 */

/** Most files of one message. */
export const maxFilesOfMessage = 20;
/** Most files of one project. */
export const maxFilesOfProject = 20;
/** Largest file, in bytes. */
export const maxFileBytes = 33_554_432;
/** Longest side of a picture, in pixels. */
export const maxPictureSide = 16_384;
/** Most pixels of a picture. */
export const maxPicturePixels = 64_000_000;
/** Longest name of a file, in UTF-16 units. */
export const maxFileNameLength = 200;

/** Whether a file is a picture, which a model sees or refuses. */
export const isPicture = ({ mediaType }: { readonly mediaType: string }): boolean =>
  mediaType.startsWith('image/');
