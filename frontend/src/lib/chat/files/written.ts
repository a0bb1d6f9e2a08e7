/** Defines the input of a message: its text and its files. */
import type { FileReference } from '@rill/protocol';

export interface Written {
  readonly content: string;
  /** Absent for none. */
  readonly files?: readonly FileReference[] | undefined;
}

/** The text and the files of one are those of the other. */
export function isSame(one: Written, other: Written): boolean {
  return one.content === other.content && idsOf(one).join(' ') === idsOf(other).join(' ');
}

export const idsOf = ({ files = [] }: Pick<Written, 'files'>): string[] => files.map(({ id }) => id);

/** As a request has it: nothing where there is none. */
export const asSent = (written: Written): { content?: string; fileIds?: string[] } => {
  const fileIds = idsOf(written);
  return {
    ...(!isBlank(written.content) && { content: written.content }),
    ...(fileIds.length > 0 && { fileIds }),
  };
};

const isBlank = (content: string): boolean => content.trim() === '';

/** There is nothing that could be sent. */
export const isNothing = ({ content, files = [] }: Written): boolean =>
  isBlank(content) && files.length === 0;

/** As what is kept or shown has them: nothing where there are none. */
export const filesOf = ({ files = [] }: Pick<Written, 'files'>): { files?: readonly FileReference[] } =>
  files.length > 0 ? { files } : {};

/** One after the other: a file that is in both is there once. */
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
