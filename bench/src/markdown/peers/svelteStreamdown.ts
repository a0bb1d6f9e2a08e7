/** Renders with svelte-streamdown in its default settings, which do not colour code. */
import { flushSync, mount } from 'svelte';
import { serveContender } from '../page/serveContender.ts';
import SvelteStreamdown from './SvelteStreamdown.svelte';

serveContender((root) => {
  const component = mount(SvelteStreamdown, { target: root });
  return {
    update(_added, source) {
      component.show(source);
      flushSync();
    },
  };
});
