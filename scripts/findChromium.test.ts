/** Tests which Chromium is chosen; the test simulates the machine. */
import { expect, test } from 'vitest';
import { type ChromiumSource, chooseChromium, findOnPath, noChromiumAdvice } from './findChromium.ts';

const asked: string[] = [];
const source = (name: string, ...paths: string[]): ChromiumSource => ({
  name,
  locate: () => {
    asked.push(name);
    return paths;
  },
});

function probe(...working: string[]) {
  const passedOver: string[] = [];
  return {
    passedOver,
    whyItFails: async (path: string) => (working.includes(path) ? undefined : 'no such library'),
    onPassedOver: (sentence: string) => passedOver.push(sentence),
  };
}

test('the first browser that starts is used and later sources are not tried', async () => {
  asked.length = 0;
  const sources = [source('empty'), source('system', '/a', '/b'), source('download', '/c')];
  expect(await chooseChromium(sources, probe('/b', '/c'))).toBe('/b');
  expect(asked).toEqual(['empty', 'system']);
});

test('a browser that does not start is named with its reason', async () => {
  const machine = probe('/b');
  expect(await chooseChromium([source('CHROMIUM_PATH', '/a'), source('system', '/b')], machine)).toBe('/b');
  expect(machine.passedOver).toEqual(['CHROMIUM_PATH: /a does not start (no such library).']);
});

test('a source that fails to install is named and the next one is tried', async () => {
  const machine = probe('/b');
  const broken: ChromiumSource = { name: 'download', locate: () => Promise.reject(new Error('no network')) };
  expect(await chooseChromium([broken, source('package', '/b')], machine)).toBe('/b');
  expect(machine.passedOver).toEqual(['download: no network']);
});

test('no browser at all ends in one sentence of advice', async () => {
  await expect(chooseChromium([source('system', '/a')], probe())).rejects.toThrow(noChromiumAdvice);
});

test('names are searched for in every folder of the search path, in the order of the names', () => {
  const present = new Set(['/usr/bin/google-chrome', '/opt/bin/chromium']);
  const found = findOnPath(['chromium', 'google-chrome'], '/usr/bin::/opt/bin', (path) => present.has(path));
  expect(found).toEqual(['/opt/bin/chromium', '/usr/bin/google-chrome']);
});
