/** demo/thinker: a couple of seconds of visible reasoning, then an answer that follows from it. */

import type { ScriptStep } from '../script.ts';
import { pickByText } from './pickByText.ts';

interface Thought {
  keywords: RegExp;
  reasoning: string;
  answer: string;
}

const thoughts: readonly Thought[] = [
  {
    keywords: /door|monty|probab|chance|odds|dice/i,
    reasoning: `This smells like a probability question, so let me test the intuition on the classic one: three doors, one car.

I pick door 1. The host, who knows where the car is, opens one of the other doors and shows a goat. Is it now fifty-fifty? It feels like it. But my first pick was right one time in three, and nothing the host does can change what I already picked. So the other closed door must carry the remaining two thirds.

Check by counting: car behind 1, 2 or 3, equally likely. Switching loses in the first case and wins in the other two. Two of three. Good, both ways agree.

I should say why the host's knowledge matters, because that is where the intuition breaks.`,
    answer: `**Switch.** Switching wins two times out of three.

| Car is behind | You picked | Host opens | Staying | Switching |
|---|---|---|---|---|
| door 1 | door 1 | 2 or 3 | **wins** | loses |
| door 2 | door 1 | 3 | loses | **wins** |
| door 3 | door 1 | 2 | loses | **wins** |

The surprise comes from a hidden asymmetry: your choice was blind, the host's was not. By avoiding the car on purpose, the host moves all the probability of the two other doors onto one of them:

$$P(\\text{other door}) = 1 - P(\\text{first pick}) = 1 - \\tfrac{1}{3} = \\tfrac{2}{3}$$

Had the host opened a door *at random* and happened to show a goat, it really would be fifty-fifty. Same goat, same doors, different knowledge.`,
  },
  {
    keywords: /./,
    reasoning: `Let me look for a question whose honest answer takes more than one step, and work it through rather than recall it.

How many piano tuners work in a city of two million? Nobody remembers that number, so I need to build it. People per household: about two. So one million households. One in twenty with a piano? Perhaps one in thirty now. Take 33,000, and add schools and halls: call it 40,000.

A piano is tuned about once a year, though many are neglected; say 0.7 times. That is 28,000 tunings a year. One tuning takes two hours with travel, so four a day, 220 days: about 880 a year for one tuner.

28,000 / 880 is roughly 32. Sanity check: is it plausible that such a city has about thirty? Yes, it is not 3 and not 300. The weakest step is the share of homes with a piano, so I should say that the answer is good to a factor of two or three.`,
    answer: `Here is a question that looks unanswerable and is not: **how many piano tuners work in a city of two million people?**

1. **Homes.** Two people each makes about 1,000,000 households.
2. **Pianos.** One home in thirty, plus schools and halls: about 40,000.
3. **Demand.** Each is tuned 0.7 times a year: 28,000 tunings.
4. **Supply.** Four a day on 220 days: about 880 per tuner.

$$\\frac{28{,}000}{880} \\approx 32$$

So: **about thirty**, and probably between fifteen and eighty.

> The point of an estimate is not the number. It is finding out which of your guesses the number depends on.

Here that is step 2. If you could look up only one fact, look up how many homes have a piano; every other guess could be off by a third without changing the picture. This way of working is named after **Enrico Fermi**, who was fond of asking his students exactly this question about Chicago.`,
  },
];

/** Reasoning and answer for a message. */
export function thinkerAnswer(userText: string): readonly ScriptStep[] {
  const matching = thoughts.filter((thought) => thought.keywords.test(userText));
  const thought = matching.length > 1 ? matching[0] : pickByText(userText, thoughts);
  if (thought === undefined) return [{ finish: 'stop' }];
  return [
    { text: thought.reasoning, as: 'reasoning' },
    { text: thought.answer },
    { finish: 'stop', nativeFinishReason: 'end_turn' },
  ];
}
