/** Makes the demo models: each turns a request into a script. */

import { isStepList, type Script, type ScriptStep } from '../script.ts';
import type { CompletionRequest } from '../wire/completionRequest.ts';
import { lastUserText } from '../wire/completionRequest.ts';
import type { Dialect } from '../wire/completionWire.ts';
import { continueAnswer } from './continueAnswer.ts';
import { echoAnswer } from './echoAnswer.ts';
import { createFlakyAnswers } from './flakyAnswers.ts';
import type { DemoTexts } from './loadDemoTexts.ts';
import { painterAnswer } from './painterAnswer.ts';
import { quickAnswer } from './quickAnswer.ts';
import { slowStartAnswer } from './slowStartAnswer.ts';
import { thinkerAnswer } from './thinkerAnswer.ts';
import { titleAnswer } from './titleAnswer.ts';
import { withSearch } from './webSearch.ts';

/** The demo models of one simulator. */
export interface DemoModels {
  /** The script for this call; `undefined` for a model that is not a demo model. */
  answer(model: string, request: CompletionRequest): Script | undefined;
}

/** Makes the demo models; the flaky one remembers which failure is next. */
export function createDemoModels(dialect: Dialect, texts: DemoTexts): DemoModels {
  const flaky = createFlakyAnswers();
  const answers: Record<string, (request: CompletionRequest) => Script> = {
    'demo/quick': (request) => [
      ...openers(dialect, 1),
      { text: quickAnswer(request, texts.quick) },
      { finish: 'stop' },
    ],
    'demo/long': () => [...openers(dialect, 2), { text: texts.almanac }, { finish: 'stop' }],
    'demo/thinker': (request) => [
      ...openers(dialect, 2),
      ...thinkerAnswer(lastUserText(request), texts.thoughts),
    ],
    'demo/flaky': (request) => flaky(lastUserText(request)),
    'demo/slow-start': () => slowStartAnswer(dialect),
    // Not in the list of models: Rill uses it to name chats.
    'demo/title': (request) => titleAnswer(lastUserText(request)),
    'demo/painter': (request) => painterAnswer(lastUserText(request)),
    'demo/echo': (request) => echoAnswer(lastUserText(request), request.temperature),
  };
  return {
    answer(model, request) {
      const write = Object.hasOwn(answers, model) ? answers[model] : undefined;
      if (!write) return undefined;
      const script = (hasMemory.has(model) ? undefined : continueAnswer(request, write)) ?? write(request);
      return request.searchesWeb && isStepList(script) ? withSearch(script) : script;
    },
  };
}

/** Models that remember earlier calls, so the same request can get another answer the second time. */
const hasMemory: ReadonlySet<string> = new Set(['demo/flaky']);

/** The comments with which OpenRouter keeps a connection open before the first delta. */
function openers(dialect: Dialect, count: number): ScriptStep[] {
  if (dialect === 'openai') return [];
  return Array.from({ length: count }, () => ({ comment: 'OPENROUTER PROCESSING' }));
}
