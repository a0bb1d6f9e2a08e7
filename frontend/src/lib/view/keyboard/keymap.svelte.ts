/**
 * Maps key presses to commands: each has the keys that the user chose in this browser, else its default. Invariant: no
 * two commands have the same keys; a chosen key outranks a default.
 */
import type { StoredText } from '../../chat/storage/storedText.ts';
import { type CommandId, commandIds, defaultKeys } from './defaultKeys.ts';
import { isOfInputMethod } from './inputMethod.ts';
import { chordsOf, isChosenChord, KeyLetters, type KeyPress } from './keyChords.ts';

/** Under this key the browser keeps them, for all of its tabs. */
export const shortcutsKey = 'rill:shortcuts';

export interface KeyChoices {
  readonly isOff: boolean;
  /** Null for a command that shall have no keys. */
  readonly keys: Readonly<Partial<Record<CommandId, string | null>>>;
}

export type TypedPress = KeyPress & Pick<KeyboardEvent, 'isComposing' | 'keyCode'>;

const noChoices: KeyChoices = { isOff: false, keys: {} };

export class Keymap {
  #choices = $state.raw<KeyChoices>(noChoices);
  readonly #keys = $derived(keysOfAll(this.#choices.keys));
  readonly #commands = $derived(
    new Map(commandIds.flatMap((id) => (this.#keys[id] === null ? [] : [[this.#keys[id], id] as const]))),
  );
  readonly #letters = new KeyLetters();
  readonly #stored: StoredText;

  constructor(stored: StoredText) {
    this.#stored = stored;
    this.#choices = parseChoices(stored.value);
  }

  /** True when no key is a command, except the one that sends where Enter makes a line. */
  get isOff(): boolean {
    return this.#choices.isOff;
  }

  /** What was chosen, which `changeKeys.ts` changes. */
  get choices(): KeyChoices {
    return this.#choices;
  }

  choose(choices: KeyChoices): void {
    this.#choices = choices;
    const isKept = choices.isOff || Object.keys(choices.keys).length > 0;
    this.#stored.value = isKept ? JSON.stringify(choices) : null;
  }

  /** Takes what another tab chose and stored. */
  take(stored: string | null): void {
    this.#choices = parseChoices(stored);
  }

  /** Null for a command without keys. */
  keysOf(id: CommandId): string | null {
    return this.#keys[id];
  }

  /** The same, and null while they do nothing. */
  activeKeysOf(id: CommandId): string | null {
    return this.#isActive(id) ? this.#keys[id] : null;
  }

  /** Keys that an input method is using are never commands. */
  find(press: TypedPress): CommandId | null {
    const id = isOfInputMethod(press) ? null : this.commandWith(press);
    return id && this.#isActive(id) ? id : null;
  }

  /** The same whether shortcuts are on or not. */
  commandWith(press: KeyPress): CommandId | null {
    const chord = this.chordsOf(press).find((each) => this.#commands.has(each));
    return this.#commands.get(chord ?? '') ?? null;
  }

  /** All that the press may be called, the likeliest first. */
  chordsOf(press: KeyPress): string[] {
    this.#letters.note(press);
    return chordsOf(press, this.#letters);
  }

  /** True when a press sends: Enter where it does so alone (`isAlone`), and what was chosen for it, anywhere. */
  isSend(press: TypedPress, isAlone: boolean): boolean {
    const { ctrlKey, metaKey, shiftKey, altKey } = press;
    const isPlain = press.key === 'Enter' && !ctrlKey && !metaKey && !shiftKey && !altKey;
    return (isAlone && isPlain && !isOfInputMethod(press)) || this.find(press) === 'send';
  }

  #isActive(id: CommandId): boolean {
    return !this.#choices.isOff || id === 'send';
  }
}

function keysOfAll(chosen: KeyChoices['keys']): Readonly<Record<CommandId, string | null>> {
  const taken = new Set(Object.values(chosen));
  const keysOf = (id: CommandId): string | null => {
    const choice = chosen[id];
    if (choice !== undefined) return choice;
    return taken.has(defaultKeys[id]) ? null : defaultKeys[id];
  };
  return Object.fromEntries(commandIds.map((id) => [id, keysOf(id)])) as Record<CommandId, string | null>;
}

/** What is not as it was written is left out: the command then has its own keys. */
function parseChoices(text: string | null): KeyChoices {
  const stored = parseObject(text);
  const chosen = isObject(stored.keys) ? stored.keys : {};
  const keys: Partial<Record<CommandId, string | null>> = {};
  const taken = new Set<string>();
  for (const id of commandIds) {
    const value = Object.hasOwn(chosen, id) ? chosen[id] : undefined;
    if (value === null) keys[id] = null;
    else if (typeof value === 'string' && isChosenChord(value) && !taken.has(value)) {
      keys[id] = value;
      taken.add(value);
    }
  }
  return { isOff: stored.isOff === true, keys };
}

function parseObject(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return isObject(value) ? value : {};
  } catch {
    // No JSON: nothing was chosen.
    return {};
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
