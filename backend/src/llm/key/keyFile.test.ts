import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from '../../../test/testDatabase.ts';
import { KeyFile } from './keyFile.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.remove());

const key = (name: string) => ({ apiKey: `sk-or-v1-${name}`, baseUrl: 'https://example.com' });

it('tells once when another process has stored or removed the key, whatever this one did in between', async () => {
  const [own, other] = [new KeyFile(folder.path), new KeyFile(folder.path)];
  await own.hasChanged();
  expect(await own.hasChanged()).toBe(false);
  other.write(key('other'));
  expect([await own.hasChanged(), await own.hasChanged()]).toEqual([true, false]);
  other.write(key('another'));
  expect([await own.hasChanged(), own.read()]).toEqual([true, key('another')]);
  other.remove();
  expect([await own.hasChanged(), own.read(), await own.hasChanged()]).toEqual([true, null, false]);
  own.write(key('own'));
  other.remove();
  expect([await own.hasChanged(), own.read()]).toEqual([true, null]);
});
