/** Builds one page per contender as for production, but with readable names for profiles. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build } from 'vite';
import type { MarkdownContender } from './markdownContenders.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Builds into `folder/NAME/`, which then contains an index.html. */
export async function buildPages(contenders: readonly MarkdownContender[], folder: string): Promise<void> {
  for (const { name, entry } of contenders) {
    const outDir = join(folder, name);
    await build({
      root: here,
      configFile: false,
      logLevel: 'error',
      base: './',
      plugins: [svelte({ configFile: false })],
      build: {
        outDir,
        target: 'esnext',
        minify: false,
        cssCodeSplit: false,
        modulePreload: false,
        reportCompressedSize: false,
        chunkSizeWarningLimit: 100_000,
        rolldownOptions: { input: join(here, entry), output: { entryFileNames: 'page.js' } },
      },
    });
    await writeFile(join(outDir, 'index.html'), await pageHtml(outDir));
  }
}

async function pageHtml(outDir: string): Promise<string> {
  const files = await readdir(outDir, { recursive: true });
  const styles = files
    .filter((file) => file.endsWith('.css'))
    .map((file) => `<link rel="stylesheet" href="${file}">`);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">${styles.join('')}<script type="module" src="page.js"></script></head><body></body></html>`;
}
