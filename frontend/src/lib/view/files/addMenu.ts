/** Opens the menu of attachable things beside its button. */
import type { AppParts } from '../shell/appContext.ts';
import type { MenuItem } from '../shell/shellState.svelte.ts';
import { chooseAndAttach } from './attachFiles.ts';
import { fileStrings } from './fileStrings.ts';

/** First what is used most. */
const entries = (app: AppParts): MenuItem[] => [
  { label: fileStrings.attach, onSelect: () => chooseAndAttach(app, null) },
];

export function openAddMenu(app: AppParts, button: HTMLElement): void {
  app.shell.openMenu(button, entries(app));
}
