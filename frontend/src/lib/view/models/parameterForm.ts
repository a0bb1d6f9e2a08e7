/**
 * Turns options and time limits into the fields of a form and back. Options that the form does not show stay as they
 * are.
 */
import {
  type GenerationOptions,
  type PdfEngine,
  type ProviderRouting,
  reasoningEfforts,
  type Timeouts,
} from '@rill/protocol';
import type { ChatParameters } from '../../chat/chatRecord.svelte.ts';

/** Null or '' where a field is empty: then the wider scope decides. */
export interface ParameterFields {
  temperature: number | null;
  topP: number | null;
  maxTokens: number | null;
  seed: number | null;
  effort: string;
  /** A line for each text at which the answer ends; a line break in it is written as \\n. */
  stop: string;
  /** Names, apart by spaces or commas. */
  fallbackModels: string;
  order: string;
  only: string;
  pdfEngine: '' | PdfEngine;
  /** Only providers that keep nothing. */
  isPrivate: '' | 'yes' | 'no';
  firstTextSeconds: number | null;
  silenceSeconds: number | null;
  answerSeconds: number | null;
}

const secondsOf = (durationMs: number | undefined) => (durationMs === undefined ? null : durationMs / 1000);
const msOf = (seconds: number | null) =>
  seconds === null ? undefined : Math.max(1, Math.round(seconds * 1000));
const namesOf = (text: string) => text.split(/[\s,]+/).filter((name) => name !== '');

export function toParameterFields({ options = {}, timeouts = {} }: ChatParameters): ParameterFields {
  const { provider } = options;
  return {
    temperature: options.temperature ?? null,
    topP: options.topP ?? null,
    maxTokens: options.maxTokens ?? null,
    seed: options.seed ?? null,
    effort: options.reasoning?.effort ?? '',
    stop: stopLines(options.stop),
    fallbackModels: options.fallbackModels?.join(' ') ?? '',
    order: provider?.order?.join(' ') ?? '',
    only: provider?.only?.join(' ') ?? '',
    pdfEngine: options.pdfEngine ?? '',
    isPrivate: provider?.zdr === undefined ? '' : yesOrNo(provider.zdr),
    firstTextSeconds: secondsOf(timeouts.firstDeltaMs),
    silenceSeconds: secondsOf(timeouts.idleMs),
    answerSeconds: secondsOf(timeouts.runMs),
  };
}

/** Texts, a line for each, in which a line break or a backslash is written as it is in code. */
export const stopLines = (texts: readonly string[] = []): string =>
  texts.map((text) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')).join('\n');

const textsOf = (lines: string): string[] =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll(/\\(n|\\)/g, (_, sign) => (sign === 'n' ? '\n' : '\\')));

const yesOrNo = (is: boolean) => (is ? 'yes' : 'no');

/** The parameters that the fields say, with what of the stored ones has no field. */
export function toParameters(stored: ChatParameters, fields: ParameterFields): ChatParameters {
  const {
    temperature: _t,
    topP: _p,
    maxTokens: _m,
    seed: _s,
    stop: _e,
    reasoning,
    fallbackModels: _f,
    provider,
    pdfEngine: _d,
    ...rest
  } = stored.options ?? {};
  const thinking = filled(thinkingOf(reasoning, fields));
  const models = namesOf(fields.fallbackModels).slice(0, maxFallbacks);
  const stop = textsOf(fields.stop).slice(0, maxStops);
  const routing = filled(routingOf(provider, fields));
  const options = filled<GenerationOptions>({
    ...rest,
    ...(fields.temperature !== null && { temperature: fields.temperature }),
    ...(fields.topP !== null && { topP: fields.topP }),
    ...(fields.maxTokens !== null && { maxTokens: fields.maxTokens }),
    ...(fields.seed !== null && { seed: fields.seed }),
    ...(stop.length > 0 && { stop }),
    ...(thinking && { reasoning: thinking }),
    ...(models.length > 0 && { fallbackModels: models }),
    ...(routing && { provider: routing }),
    ...(fields.pdfEngine !== '' && { pdfEngine: fields.pdfEngine }),
  });
  const timeouts = filled(timeoutsOf(stored.timeouts, fields));
  return { ...(options && { options }), ...(timeouts && { timeouts }) };
}

/** The most that the server accepts. */
const [maxFallbacks, maxStops] = [3, 4];

type Thinking = NonNullable<GenerationOptions['reasoning']>;

function thinkingOf(stored: Thinking | undefined, fields: ParameterFields): Thinking {
  const { effort: _e, ...rest } = stored ?? {};
  const effort = reasoningEfforts.find((each) => each === fields.effort);
  return { ...rest, ...(effort && { effort }) };
}

function routingOf(
  stored: ProviderRouting | undefined,
  { order, only, isPrivate }: ParameterFields,
): ProviderRouting {
  const { order: _o, only: _n, zdr: _z, dataCollection: _d, ...rest } = stored ?? {};
  const [names, onlyNames] = [namesOf(order), namesOf(only)];
  return {
    ...rest,
    ...(names.length > 0 && { order: names }),
    ...(onlyNames.length > 0 && { only: onlyNames }),
    ...(isPrivate === 'yes' && { zdr: true, dataCollection: 'deny' }),
    ...(isPrivate === 'no' && { zdr: false, dataCollection: 'allow' }),
  };
}

function timeoutsOf(stored: Timeouts | undefined, fields: ParameterFields): Timeouts {
  const entries = {
    connectMs: stored?.connectMs,
    firstDeltaMs: msOf(fields.firstTextSeconds),
    idleMs: msOf(fields.silenceSeconds),
    runMs: msOf(fields.answerSeconds),
  };
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}

/** Null for an object without fields. */
const filled = <Value extends object>(value: Value): Value | null =>
  Object.keys(value).length > 0 ? value : null;
