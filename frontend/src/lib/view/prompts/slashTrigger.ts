/** Detects a slash typed at the start of a word: saved prompts are offered for as long as that word lasts. */
import type { Attachment } from 'svelte/attachments';
import type { PromptRequest } from './promptRequest.svelte.ts';

export function slashTrigger(request: PromptRequest): Attachment<HTMLTextAreaElement> {
  return (element) => {
    const onInput = (event: Event): void => {
      const at = element.selectionStart - 1;
      const isTyped =
        event instanceof InputEvent && event.inputType.startsWith('insert') && event.data?.endsWith('/');
      if (isTyped && element.value[at] === '/' && (at === 0 || /\s/.test(element.value[at - 1] ?? '')))
        request.ask(at);
      else request.follow(element);
    };
    element.addEventListener('input', onInput);
    return () => element.removeEventListener('input', onInput);
  };
}
