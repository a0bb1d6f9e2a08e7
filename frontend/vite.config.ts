import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { compressAssets } from './compressAssets.ts';
import { inlineRuntime } from './inlineRuntime.ts';
import { markBuild } from './markBuild.ts';
import { serviceWorkerFiles } from './serviceWorkerFiles.ts';
import { splitSvelte } from './splitSvelte.ts';

/** Around the text of every chat. */
const partsOfFrame =
  /\/(Sidebar|SidebarRail|DropGuard|OtherTabs|PageNotices|ContextBar)\.svelte$|\/commandActs\.ts$/;

const backendOrigin = 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [svelte(), splitSvelte(), inlineRuntime(), markBuild(), serviceWorkerFiles(), compressAssets()],
  experimental: {
    // Files name each other by relative addresses, and the page names them from the root, where the server puts its base
    // path: so one build works under any.
    renderBuiltUrl: (fileName, { hostType }) => (hostType === 'html' ? `/${fileName}` : { relative: true }),
  },
  build: {
    outDir: 'dist',
    // The first versions with popover, light-dark() and :has(), all of which the style sheets use as they are.
    target: ['chrome125', 'firefox128', 'safari18'],
    // Data URLs would need exceptions in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // What the first paint needs is one file: it is smaller than the same code in several. The others import from it. What
      // every page loads right after that is two more, each with all that it imports: 30 small files would wait for each
      // other, because a browser has six connections to a server of HTTP/1.1.
      output: {
        codeSplitting: {
          groups: [
            { name: 'first', tags: ['$initial'] },
            { name: 'transcript', test: /\/transcript\/Transcript\.svelte$/ },
            { name: 'frame', test: partsOfFrame },
          ],
        },
      },
      preserveEntrySignatures: 'allow-extension',
      // Svelte does not say that its modules can be left out, so all of them would be part of the first file. Two folders
      // do something when they are imported: the version and the flags.
      treeshake: { moduleSideEffects: (id) => !/\/svelte\/src\/(?!internal\/(disclose|flags))/.test(id) },
    },
  },
  // Imported in a template, by a test or on demand, where the scan before the first request does not look.
  optimizeDeps: { include: ['bits-ui', 'axe-core', 'katex'] },
  server: {
    proxy: {
      // The server checks Host and Origin, so both must be its own.
      '/api': { target: backendOrigin, changeOrigin: true, headers: { origin: backendOrigin } },
    },
  },
});
