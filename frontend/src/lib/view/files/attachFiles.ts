/** Takes files for what is shown. */
import { maxFilesOfMessage } from '@rill/protocol';
import type { UploadTarget } from '../../chat/files/fileUploads.svelte.ts';
import { draftKeyOf } from '../../chat/unsent/draftStore.ts';
import type { AppParts } from '../shell/appContext.ts';
import { fileStrings } from '../strings/fileStrings.ts';

export interface ShownTarget {
  readonly target: UploadTarget;
  /** What a drop would do. */
  readonly words: string;
  /** How many more it may have. */
  readonly room: number;
  readonly limit: number;
}

/** What files that are dropped anywhere are for; null where there is no such thing. */
export function shownTarget({ workspace, uploads, router }: AppParts): ShownTarget | null {
  if (router.route.name === 'settings') return null;
  const chat = workspace.current;
  if (!chat) return null;
  const target = { key: draftKeyOf(chat), ...(chat.chatId !== null && { chatId: chat.chatId }) };
  const taken = chat.files.length + uploads.of(target.key).length;
  const words = fileStrings.drop;
  return { target, words, room: maxFilesOfMessage - taken, limit: maxFilesOfMessage };
}

/** Attaches to what is shown, and says so. */
export async function attachFiles(app: AppParts, files: readonly File[]): Promise<void> {
  const { announcer, uploads, shell, workspace } = app;
  const shown = shownTarget(app);
  if (!shown) return announcer.announce({ type: 'failure', message: fileStrings.noTarget });
  const taken = files.slice(0, Math.max(0, shown.room));
  const leftOut = files.length - taken.length;
  try {
    (await uploads.work()).add(shown.target, taken);
  } catch {
    return shell.notePartFailure();
  }
  if (leftOut === 0) return announcer.say(fileStrings.added(taken.length));
  const message = fileStrings.leftOut(leftOut, shown.limit);
  if (workspace.current) workspace.current.problem = message;
  announcer.announce({ type: 'failure', message });
}

/** Opens the browser's own dialog. */
export function chooseFiles(onchoose: (files: readonly File[]) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.hidden = true;
  // Some browsers forget an input that is not in the page while its dialog is open.
  document.body.append(input);
  input.addEventListener('change', () => {
    input.remove();
    onchoose([...(input.files ?? [])]);
  });
  input.addEventListener('cancel', () => input.remove());
  input.click();
}
