/**
 * Dispatches a key press to its command, before anything else on the page gets it. Invariant: one press does one thing:
 * a press that closes a layer never also stops an answer, and a key that is held down stops nothing.
 */
import type { CommandId, FieldCommandId } from '../keyboard/defaultKeys.ts';
import type { AppParts } from '../shell/appContext.ts';
import type { LatePart } from '../shell/latePart.svelte.ts';
import { type ActCommandId, type CommandActs, type CommandRule, commandRules } from './commandRules.ts';

/** What the commands do. It is there before the first key, as a rule; a press that comes before it waits for it. */
export type LateActs = Pick<LatePart<{ readonly commandActs: CommandActs }>, 'part' | 'load'>;

const isOfField = (id: CommandId): id is FieldCommandId => id === 'send' || id === 'edit-last';

export function onCommandKey(event: KeyboardEvent, app: AppParts, acts: LateActs): void {
  const id = takesKeys(event.target) ? null : app.keymap.find(event);
  if (!id || isOfField(id)) return;
  if (id === 'cancel') {
    cancel(event, app);
    return;
  }
  const { shell } = app;
  const rule: CommandRule = commandRules[id];
  const isOffered = rule.isOffered?.(app) ?? true;
  if (rule.isShared && !(isOffered && isFree(event, app, rule))) return;
  event.preventDefault();
  // What had the focus may be of a chat that is gone by now.
  event.stopPropagation();
  if (shell.shown?.type === 'help' && id === 'open-help') shell.closeLayer();
  else if (!shell.shown && isOffered && (rule.repeats || !event.repeat)) act(app, acts, id);
}

/** Where keys are chosen for a command. */
const takesKeys = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('[data-takes-keys]') !== null;

/** At once where it can be, so that the next key already finds what this one opened. */
function act(app: AppParts, acts: LateActs, id: ActCommandId): void {
  if (acts.part) acts.part.commandActs[id](app);
  else
    void acts.load().then((isLoaded) => {
      if (isLoaded) acts.part?.commandActs[id](app);
      else app.shell.notePartFailure();
    });
}

/** True where a key that has a use of its own is not wanted for that. */
function isFree(event: KeyboardEvent, { shell }: AppParts, { isOfText = false }: CommandRule): boolean {
  const { target } = event;
  if (shell.shown) return false;
  if (isPlain(event)) return target === document.body || isEmptyComposer(target);
  const isWritten = isTextField(target) && target.value !== '';
  // On a Mac, Alt writes signs and goes from word to word.
  const isOfMac = event.altKey && navigator.platform.startsWith('Mac');
  return !(isWritten && (isOfText || isOfMac));
}

/** A key that a field, a list or a box that scrolls has a use for. */
const isPlain = ({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean =>
  !ctrlKey && !metaKey && !altKey && !shiftKey && !/^F\d/.test(key);

const isTextField = (target: EventTarget | null): target is HTMLTextAreaElement | HTMLInputElement =>
  target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement;

const isEmptyComposer = (target: EventTarget | null): boolean =>
  isTextField(target) && target.id === 'composer' && target.value === '';

/** Closes what is open last: a layer does it by itself, an edit comes before the running answer. */
function cancel(event: KeyboardEvent, { workspace, shell }: AppParts): void {
  if (shell.hasLayer || isInLayer(event.target)) return;
  const chat = workspace.inView;
  if (shell.layer) {
    // It is asked for and not there yet: the key means that, and not the answer.
    shell.closeLayer();
    event.preventDefault();
  } else if (chat?.conversation.shownEdit) {
    event.preventDefault();
    chat.conversation.edit.forget();
    // The box goes, and with it the focus, which stays near.
    document.querySelector<HTMLElement>('[role="log"]')?.focus({ preventScroll: true });
  } else if (chat?.isRunning && !event.repeat) void chat.cancel();
}

/** What the browser or the layer itself closes by Esc, wherever the focus is. */
function isInLayer(target: EventTarget | null): boolean {
  if (target instanceof Element && target.closest('[data-layer]')) return true;
  return (
    document.querySelector('dialog:modal, [popover=""]:popover-open, [popover="auto"]:popover-open') !== null
  );
}
