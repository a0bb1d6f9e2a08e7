/**
 * Lists the sections of the settings page, in the order in which they are shown. To add a section, add an entry: its
 * address is `/settings/` and its id, in small letters.
 */
import type { Component } from 'svelte';
import PromptsSection from '../prompts/PromptsSection.svelte';
import { promptStrings } from '../prompts/promptStrings.ts';
import { settingsStrings } from '../strings/settingsStrings.ts';
import { shortcutStrings } from '../strings/shortcutStrings.ts';
import AppearanceSection from './AppearanceSection.svelte';
import DataSection from './DataSection.svelte';
import DefaultsSection from './DefaultsSection.svelte';
import KeysSection from './KeysSection.svelte';
import ProviderSection from './ProviderSection.svelte';
import ShortcutsSection from './ShortcutsSection.svelte';

export interface SettingsSection {
  readonly id: string;
  readonly title: string;
  readonly part: Component;
}

export const settingsSections: readonly SettingsSection[] = [
  { id: 'appearance', title: settingsStrings.appearance, part: AppearanceSection },
  { id: 'keys', title: settingsStrings.keys, part: KeysSection },
  { id: 'shortcuts', title: shortcutStrings.title, part: ShortcutsSection },
  { id: 'defaults', title: settingsStrings.defaults, part: DefaultsSection },
  { id: 'prompts', title: promptStrings.title, part: PromptsSection },
  { id: 'provider', title: settingsStrings.provider.title, part: ProviderSection },
  { id: 'data', title: settingsStrings.data, part: DataSection },
];
