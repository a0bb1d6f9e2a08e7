/** demo/slow-start: sends only comments for four seconds, like a model that is being loaded. */

import type { Script, ScriptStep } from '../script.ts';
import type { Dialect } from '../wire/completionWire.ts';

const commentCount = 8;
const commentGapMs = 500;

const text = `Thank you for waiting. ⏳

For four seconds the line was open, the server was healthy, and not one word came. That is what a **cold start** feels like from outside:

1. The request was accepted at once, and the status was already \`200\`.
2. Comment lines kept the connection from being closed by a proxy.
3. Only then did the model begin to write.

> A line that is alive is not the same as a model that is working.

A good client tells the two apart. It keeps one timer for *bytes* and another for *words*, shows that it is waiting rather than pretending to think, and lets you press **Stop** the whole time.`;

/** Comments (silence in the openai dialect), then a short answer. */
export function slowStartAnswer(dialect: Dialect): Script {
  const wait: ScriptStep[] = Array.from({ length: commentCount }).flatMap(() => [
    ...(dialect === 'openrouter' ? [{ comment: 'OPENROUTER PROCESSING' }] : []),
    { waitMs: commentGapMs },
  ]);
  return [...wait, { text }, { finish: 'stop' }];
}
