/** Builds a page that draws one answer with the product's components and the product's build settings. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build } from 'vite';
import { inRepository } from '../../../scripts/repositoryRoot.ts';

const html =
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,"><link rel="stylesheet" href="page.css"><script type="module" src="page.js"></script></head><body></body></html>';

/** Writes an index.html and its assets into `folder`. */
export async function buildDrawingPage(folder: string): Promise<void> {
  const root = inRepository('frontend');
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    base: './',
    plugins: [svelte()],
    build: {
      outDir: folder,
      emptyOutDir: true,
      copyPublicDir: false,
      target: 'esnext',
      cssCodeSplit: false,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 100_000,
      rolldownOptions: {
        input: join(root, 'test/drawing/drawingPage.svelte.ts'),
        output: {
          entryFileNames: 'page.js',
          assetFileNames: (asset) =>
            asset.names.some((name) => name.endsWith('.css')) ? 'page.css' : '[name]-[hash][extname]',
        },
      },
    },
  });
  await writeFile(join(folder, 'index.html'), html);
}
