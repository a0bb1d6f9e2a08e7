import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPageBuild } from './pageBuild.ts';

describe('the name of the served build', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rill-page-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('is read from its mark, and again when the page was built again', async () => {
    const path = join(directory, 'index.html');
    const pageBuild = createPageBuild(directory);
    expect(pageBuild()).toBeNull();
    await writeFile(path, '<head><meta name="rill-build" content="one-1_a"></head>');
    expect(pageBuild()).toBe('one-1_a');
    await writeFile(path, '<head><meta name="rill-build" content="two"></head>');
    await utimes(path, 1, 1);
    expect(pageBuild()).toBe('two');
    await writeFile(path, '<head></head>');
    await utimes(path, 2, 2);
    expect(pageBuild()).toBeNull();
  });

  it('is null for a server without a page', () => {
    expect(createPageBuild(null)()).toBeNull();
  });
});
