/** Shows the page /dev/states of the development server: every state of an answer, or the one named in the address. */
import { mount } from 'svelte';
import StatesPage from './StatesPage.svelte';

export function showStates(target: HTMLElement, path: string): void {
  mount(StatesPage, { target, props: { id: path.split('/')[3] ?? null } });
}
