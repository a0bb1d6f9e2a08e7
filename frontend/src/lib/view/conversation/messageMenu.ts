/** Lists what the menu of a message offers: what is done less often than what has a button. */
import type { MenuItem } from '../shell/shellState.svelte.ts';
import { conversationStrings } from '../strings/conversationStrings.ts';

interface MenuTarget {
  /** True when nothing follows it in the shown branch. */
  readonly isLast: boolean;
  /** Absent for what no model wrote. */
  readonly onretrywith?: (() => void) | undefined;
  /** Absent for an answer that is being written. */
  readonly onfork?: (() => void) | undefined;
  readonly ondelete: () => void;
}

export function messageMenu({ isLast, onretrywith, onfork, ondelete }: MenuTarget): MenuItem[] {
  const { actions } = conversationStrings;
  return [
    ...(onretrywith ? [{ label: actions.retryWith, onSelect: onretrywith }] : []),
    ...(onfork ? [{ label: actions.fork, onSelect: onfork }] : []),
    { label: isLast ? actions.deleteLast : actions.delete, isDangerous: true, onSelect: ondelete },
  ];
}
