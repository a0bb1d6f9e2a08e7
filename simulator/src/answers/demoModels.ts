/** The demo models by name: each turns a request into a script. */
import type { CompletionRequest } from '../completionRequest.ts';
import { lastUserText } from '../completionRequest.ts';
import type { Dialect } from '../completionWire.ts';
import type { Script, ScriptStep } from '../script.ts';
import { buildAlmanac } from './almanac/buildAlmanac.ts';
import { echoAnswer } from './echoAnswer.ts';
import { createFlakyAnswers } from './flakyAnswers.ts';
import { quickAnswer } from './quickAnswer.ts';
import { restOfAnswer } from './restOfAnswer.ts';
import { slowStartAnswer } from './slowStartAnswer.ts';
import { thinkerAnswer } from './thinkerAnswer.ts';

/** The demo models of one simulator. */
export interface DemoModels {
  /** The script for this call; `undefined` for a model that is no demo. */
  answer(model: string, request: CompletionRequest): Script | undefined;
}

/** Makes the demo models; the flaky one remembers which failure comes next. */
export function createDemoModels(dialect: Dialect): DemoModels {
  const flaky = createFlakyAnswers();
  const almanac = writeOnce(buildAlmanac);
  const answers: Record<string, (request: CompletionRequest) => Script> = {
    'demo/quick': (request) => [...openers(dialect, 1), { text: quickAnswer(request) }, { finish: 'stop' }],
    'demo/long': () => [...openers(dialect, 2), { text: almanac() }, { finish: 'stop' }],
    'demo/thinker': (request) => [...openers(dialect, 2), ...thinkerAnswer(lastUserText(request))],
    'demo/flaky': (request) => flaky(lastUserText(request)),
    'demo/slow-start': () => slowStartAnswer(dialect),
    'demo/echo': (request) => echoAnswer(lastUserText(request), request.temperature),
  };
  return {
    answer(model, request) {
      const write = Object.hasOwn(answers, model) ? answers[model] : undefined;
      if (!write) return undefined;
      return (hasMemory.has(model) ? undefined : restOfAnswer(request, write)) ?? write(request);
    },
  };
}

/** Asking these twice is not the same as asking them once. */
const hasMemory: ReadonlySet<string> = new Set(['demo/flaky']);

/** Building the almanac takes a tenth of a second, too long to hold up every other stream on each call. */
function writeOnce(write: () => string): () => string {
  let text: string | undefined;
  return () => {
    text ??= write();
    return text;
  };
}

/** The comments with which OpenRouter keeps a line open before the first delta. */
function openers(dialect: Dialect, count: number): ScriptStep[] {
  if (dialect === 'openai') return [];
  return Array.from({ length: count }, () => ({ comment: 'OPENROUTER PROCESSING' }));
}
