/** Changes which keys commands have. */
import { type CommandId, defaultKeys } from './defaultKeys.ts';
import { isChosenChord, type KeyPress } from './keyChords.ts';
import type { KeyChoices, Keymap } from './keymap.svelte.ts';

/** The keys that a press stands for, as a command may be given them; null when it may not. Keys that are in use are named as they are there. */
export function chosenKeys(keymap: Keymap, press: KeyPress): string | null {
  const user = keymap.commandWith(press);
  const chord = (user && keymap.keysOf(user)) ?? keymap.chordsOf(press)[0];
  return chord !== undefined && isChosenChord(chord) ? chord : null;
}

/** Gives a command keys, or none; another that has them loses them. */
export function setKeys(keymap: Keymap, id: CommandId, keys: string | null): void {
  const others = Object.entries(keymap.choices.keys).map(([other, chosen]) => [
    other,
    chosen === keys ? null : chosen,
  ]);
  change(keymap, { ...Object.fromEntries(others), [id]: keys });
}

/** Gives a command its own keys back; one that was given them loses them. */
export function resetKeys(keymap: Keymap, id: CommandId): void {
  const { [id]: _, ...others } = keymap.choices.keys;
  change(keymap, Object.fromEntries(Object.entries(others).filter(([, keys]) => keys !== defaultKeys[id])));
}

export function resetAllKeys(keymap: Keymap): void {
  change(keymap, {});
}

export function setOff(keymap: Keymap, isOff: boolean): void {
  keymap.choose({ ...keymap.choices, isOff });
}

function change(keymap: Keymap, keys: KeyChoices['keys']): void {
  keymap.choose({ ...keymap.choices, keys });
}
