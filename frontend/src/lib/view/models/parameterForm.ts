/** Turns options and limits on waiting into the fields of a form and back. What the form does not show stays as it is. */
import {
  type GenerationOptions,
  type ProviderRouting,
  reasoningEfforts,
  type Timeouts,
} from '@rill/protocol';
import type { ChatParameters } from '../../chat/chatRecord.svelte.ts';

/** Null or '' where a field is empty: then the wider scope decides. */
export interface ParameterFields {
  temperature: number | null;
  maxTokens: number | null;
  effort: string;
  /** Names, apart by spaces or commas. */
  fallbackModels: string;
  order: string;
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
    maxTokens: options.maxTokens ?? null,
    effort: options.reasoning?.effort ?? '',
    fallbackModels: options.fallbackModels?.join(' ') ?? '',
    order: provider?.order?.join(' ') ?? '',
    isPrivate: provider?.zdr === undefined ? '' : yesOrNo(provider.zdr),
    firstTextSeconds: secondsOf(timeouts.firstDeltaMs),
    silenceSeconds: secondsOf(timeouts.idleMs),
    answerSeconds: secondsOf(timeouts.runMs),
  };
}

const yesOrNo = (is: boolean) => (is ? 'yes' : 'no');

/** The parameters that the fields say, with what of the stored ones has no field. */
export function toParameters(stored: ChatParameters, fields: ParameterFields): ChatParameters {
  const {
    temperature: _t,
    maxTokens: _m,
    reasoning,
    fallbackModels: _f,
    provider,
    ...rest
  } = stored.options ?? {};
  const thinking = filled(thinkingOf(reasoning, fields));
  const models = namesOf(fields.fallbackModels).slice(0, maxFallbacks);
  const routing = filled(routingOf(provider, fields));
  const options = filled<GenerationOptions>({
    ...rest,
    ...(fields.temperature !== null && { temperature: fields.temperature }),
    ...(fields.maxTokens !== null && { maxTokens: fields.maxTokens }),
    ...(thinking && { reasoning: thinking }),
    ...(models.length > 0 && { fallbackModels: models }),
    ...(routing && { provider: routing }),
  });
  const timeouts = filled(timeoutsOf(stored.timeouts, fields));
  return { ...(options && { options }), ...(timeouts && { timeouts }) };
}

/** As many as the server takes. */
const maxFallbacks = 3;

type Thinking = NonNullable<GenerationOptions['reasoning']>;

function thinkingOf(stored: Thinking | undefined, fields: ParameterFields): Thinking {
  const { effort: _e, ...rest } = stored ?? {};
  const effort = reasoningEfforts.find((each) => each === fields.effort);
  return { ...rest, ...(effort && { effort }) };
}

function routingOf(
  stored: ProviderRouting | undefined,
  { order, isPrivate }: ParameterFields,
): ProviderRouting {
  const { order: _o, zdr: _z, dataCollection: _d, ...rest } = stored ?? {};
  const names = namesOf(order);
  return {
    ...rest,
    ...(names.length > 0 && { order: names }),
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
