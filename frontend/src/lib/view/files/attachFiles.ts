/** Attaches files to the chat or project that is shown. */
import { maxFilesOfMessage } from '@rill/protocol';
import { draftKeyOf } from '../../chat/unsent/draftStore.ts';
import type { AppParts } from '../shell/appContext.ts';
import type { FileTarget } from '../shell/shellState.svelte.ts';
import { fileStrings } from './fileStrings.ts';

/** What files are for that are given at an element, or anywhere; null where there is no such thing. */
export function shownTarget(
  { workspace, uploads, router, shell }: AppParts,
  at: EventTarget | null = null,
): FileTarget | null {
  if (router.route.name === 'settings') return null;
  const { innerTarget } = shell;
  if (at instanceof Node && innerTarget?.element.contains(at)) return innerTarget.of();
  const chat = workspace.current;
  if (!chat) return shell.fileTarget?.() ?? null;
  const target = { key: draftKeyOf(chat), ...(chat.chatId !== null && { chatId: chat.chatId }) };
  const taken = chat.files.length + uploads.of(target.key).length;
  const room = maxFilesOfMessage - taken;
  const noteLeftOut = (message: string | null) => {
    if (message !== null) chat.problem = message;
  };
  return { target, words: fileStrings.drop, room, limit: maxFilesOfMessage, noteLeftOut };
}

/** Attaches to what is shown at an element, and says so. */
export async function attachFiles(
  app: AppParts,
  files: readonly File[],
  at: EventTarget | null = null,
): Promise<void> {
  const { announcer, uploads, shell } = app;
  const shown = shownTarget(app, at);
  if (!shown) return announcer.announce({ type: 'failure', message: fileStrings.noTarget });
  const taken = files.slice(0, Math.max(0, shown.room));
  const leftOut = files.length - taken.length;
  try {
    (await uploads.work()).add(shown.target, taken);
  } catch {
    // The part of the page that uploads could not be loaded: the notice offers to reload.
    return shell.notePartFailure();
  }
  if (leftOut === 0) {
    shown.noteLeftOut(null);
    return announcer.say(fileStrings.added(taken.length));
  }
  const message = fileStrings.leftOut(leftOut, shown.limit);
  shown.noteLeftOut(message);
  announcer.announce({ type: 'failure', message });
}

/** Opens the browser's own dialog, for what is shown where the focus is. */
export function chooseAndAttach(app: AppParts, at: Element | null = document.activeElement): void {
  chooseFiles((files) => void attachFiles(app, files, at));
}

function chooseFiles(onchoose: (files: readonly File[]) => void): void {
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
