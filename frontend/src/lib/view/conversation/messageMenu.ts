/** Lists the entries of a message's menu: actions that are too rare for a button. */
import type { ContextMark } from '@rill/protocol';
import { promptStrings } from '../prompts/promptStrings.ts';
import type { MenuItem } from '../shell/shellState.svelte.ts';
import { conversationStrings } from './conversationStrings.ts';

interface MenuTarget {
  /** True when nothing follows it in the shown branch. */
  readonly isLast: boolean;
  /** Absent for what no model wrote. */
  readonly onretrywith?: (() => void) | undefined;
  readonly contextMark?: ContextMark | undefined;
  /** Takes the mark that the message then has; absent where none can be set. */
  readonly onmark?: ((mark: ContextMark | null) => void) | undefined;
  /** Absent for an answer that is being written. */
  readonly onfork?: (() => void) | undefined;
  /** Saves its text as a prompt; absent for one without text. */
  readonly onsaveprompt?: (() => void) | undefined;
  readonly ondelete: () => void;
}

export function messageMenu({
  isLast,
  onretrywith,
  contextMark,
  onmark,
  onfork,
  onsaveprompt,
  ondelete,
}: MenuTarget): MenuItem[] {
  const { actions } = conversationStrings;
  return [
    ...(onretrywith ? [{ label: actions.retryWith, onSelect: onretrywith }] : []),
    ...(onmark ? markItems(contextMark, onmark) : []),
    ...(onfork ? [{ label: actions.fork, onSelect: onfork }] : []),
    ...(onsaveprompt ? [{ label: promptStrings.saveAs, onSelect: onsaveprompt }] : []),
    { label: isLast ? actions.deleteLast : actions.delete, isDangerous: true, onSelect: ondelete },
  ];
}

function markItems(mark: ContextMark | undefined, onmark: (mark: ContextMark | null) => void): MenuItem[] {
  const { menu } = conversationStrings.marks;
  if (mark === 'summary') return [{ label: menu.unshorten, onSelect: () => onmark(null) }];
  const [isPinned, isKeptOut] = [mark === 'pinned', mark === 'kept-out'];
  return [
    { label: isPinned ? menu.unpin : menu.pin, onSelect: () => onmark(isPinned ? null : 'pinned') },
    { label: isKeptOut ? menu.letIn : menu.keepOut, onSelect: () => onmark(isKeptOut ? null : 'kept-out') },
  ];
}
