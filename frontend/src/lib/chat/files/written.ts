/** Defines the input of a message: its text and its files. */
import type { FileReference } from '@rill/protocol';

export interface Written {
  readonly content: string;
  /** Absent for none. */
  readonly files?: readonly FileReference[] | undefined;
}

/** True when text and files of both are equal. */
export function isSame(one: Written, other: Written): boolean {
  return one.content === other.content && idsOf(one).join(' ') === idsOf(other).join(' ');
}

export const idsOf = ({ files = [] }: Pick<Written, 'files'>): string[] => files.map(({ id }) => id);

/** The form for a request: no field where there are no files. */
export const asSent = (written: Written): { content?: string; fileIds?: string[] } => {
  const fileIds = idsOf(written);
  return {
    ...(!isBlank(written.content) && { content: written.content }),
    ...(fileIds.length > 0 && { fileIds }),
  };
};

const isBlank = (content: string): boolean => content.trim() === '';

/** True when there is nothing to send. */
export const isNothing = ({ content, files = [] }: Written): boolean =>
  isBlank(content) && files.length === 0;

/** The form for stored and shown messages: no field where there are no files. */
export const filesOf = ({ files = [] }: Pick<Written, 'files'>): { files?: readonly FileReference[] } =>
  files.length > 0 ? { files } : {};

/** Joins two lists; a file that is in both is in the result once. */
export function joined(...parts: readonly Written[]): Required<Written> {
  const files = new Map(parts.flatMap((part) => (part.files ?? []).map((file) => [file.id, file] as const)));
  return {
    content: parts
      .map(({ content }) => content)
      .filter((content) => content !== '')
      .join('\n\n'),
    files: [...files.values()],
  };
}

export const isEmpty = ({ content, files = [] }: Written): boolean => content === '' && files.length === 0;
