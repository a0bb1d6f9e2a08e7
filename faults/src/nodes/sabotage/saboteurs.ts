/**
 * Lists modules that break one thing each in the nodes of a suite, which must find it. They are loaded before the server,
 * which has no switch for them.
 */
export interface Saboteur {
  readonly name: string;
  readonly meaning: string;
  /** The module that each node loads first. */
  readonly url: string;
}

export const saboteurs: readonly Saboteur[] = [
  {
    name: 'early',
    meaning: 'show text two seconds before it is stored',
    url: new URL('showTooEarly.ts', import.meta.url).href,
  },
  {
    name: 'double',
    meaning: 'take every tenth part of the text twice',
    url: new URL('doubleText.ts', import.meta.url).href,
  },
  {
    name: 'clock',
    meaning: 'date what is stored by the clock of the machine',
    url: new URL('useOwnClock.ts', import.meta.url).href,
  },
];

/** Errors: one sentence for a name that is none. */
export function chooseSaboteur(name: string): Saboteur {
  const found = saboteurs.find((each) => each.name === name);
  if (!found)
    throw new Error(
      `There is no sabotage "${name}"; there are ${saboteurs.map((each) => each.name).join(', ')}.`,
    );
  return found;
}
