/** Notices a slash that is typed at the start of a word: the saved prompts are offered there. */
import type { Attachment } from 'svelte/attachments';

/** Gets the position of the slash. */
export function slashTrigger(onSlash: (at: number) => void): Attachment<HTMLTextAreaElement> {
  return (element) => {
    const onInput = (event: Event): void => {
      const at = element.selectionStart - 1;
      const isTyped =
        event instanceof InputEvent && event.inputType.startsWith('insert') && event.data?.endsWith('/');
      if (isTyped && element.value[at] === '/' && (at === 0 || /\s/.test(element.value[at - 1] ?? '')))
        onSlash(at);
    };
    element.addEventListener('input', onInput);
    return () => element.removeEventListener('input', onInput);
  };
}
