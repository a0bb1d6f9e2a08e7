/** The short answers of demo/quick, each with the words that call for it. */

/** One answer. */
export interface QuickAnswer {
  keywords: RegExp;
  text: string;
}

/** In no particular order; a message may match several. */
export const quickAnswers: readonly QuickAnswer[] = [
  {
    keywords: /\b(hi|hello|hey|good (morning|evening)|hallo|bonjour|hola)\b/i,
    text: `Hello! 👋 I am **demo/quick**, a model that lives entirely on your own machine.

I answer from a small shelf of prepared texts, so I am fast, free, and never wrong about the weather, which I never mention. Try me with:

- *a recipe*, *a poem*, *some code*, *a comparison*
- *why is the sky blue?*
- *explain recursion*

For something longer, switch to **demo/long**; to watch a model think first, **demo/thinker**.`,
  },
  {
    keywords: /sky|blue|light|physics|sun|rainbow|colou?r/i,
    text: `**The sky is blue because air scatters short waves far more than long ones.**

Molecules of nitrogen and oxygen are much smaller than the wavelength of light. For such small scatterers, the strength goes with the inverse fourth power of the wavelength:

$$I \\propto \\frac{1}{\\lambda^4}$$

Blue light at 450 nm is therefore scattered about $(650/450)^4 \\approx 4.4$ times as much as red light at 650 nm. Look away from the sun and what reaches you is mostly the scattered part.

Two questions that follow at once:

1. **Why not violet?** The sun emits less of it, the upper air absorbs some, and our eyes are less sensitive to it.
2. **Why red at sunset?** The light crosses far more air, and the blue has been scattered out on the way.`,
  },
  {
    keywords: /code|typescript|javascript|function|debounce|program|regex|bug/i,
    text: `Here is a small function worth keeping. It runs tasks **a few at a time** and returns the results in the order of the input:

\`\`\`ts
export async function mapLimit<Item, Result>(
  items: readonly Item[],
  limit: number,
  task: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await task(item, index);
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}
\`\`\`

The trick is that all workers share **one iterator**. Each takes the next entry when it is free, so there is no bookkeeping and no entry is taken twice. If a task fails, the returned promise rejects at once, though tasks already running go on to their end.`,
  },
  {
    keywords: /python|data|csv|list|sort|script/i,
    text: `Counting things is most of data work, and Python has a class for exactly that:

\`\`\`python
from collections import Counter
from pathlib import Path

words = Path("notes.txt").read_text(encoding="utf-8").lower().split()
for word, count in Counter(words).most_common(5):
    print(f"{count:>5}  {word}")
\`\`\`

Three details make it pleasant:

- \`Counter\` returns **0** for a missing key instead of raising.
- Counters can be **added and subtracted**: \`march - february\` shows what grew.
- \`most_common\` uses a heap when you ask for few entries, so it stays fast on large inputs.`,
  },
  {
    keywords: /recipe|cook|dinner|food|soup|bread|eat|lunch/i,
    text: `## Lemon and chickpea soup 🍋

*Serves four, half an hour, one pot.*

| What | How much |
|---|---:|
| onion, chopped | 1 |
| garlic, sliced | 3 cloves |
| ground cumin | 2 tsp |
| cooked chickpeas | 500 g |
| vegetable stock | 1 litre |
| lemon | 1, zest and juice |

1. Soften the onion in olive oil for **eight minutes**; add garlic and cumin for one more.
2. Add chickpeas and stock. Simmer for fifteen minutes.
3. Blend *half* of it and pour it back: creamy and chunky at once.
4. Take it off the heat, **then** add the lemon. Boiled juice turns dull.

Finish with parsley, black pepper, and more oil than seems reasonable.`,
  },
  {
    keywords: /poem|haiku|verse|write|story|sonnet|song/i,
    text: `Three small poems about waiting:

> The kettle begins
> its one note, low and patient.
> Rain learns the same song.

> Between two platforms
> a pigeon reads the timetable,
> walks off, unconvinced.

> Typed, deleted, typed:
> the cursor keeps its steady
> lighthouse on the page.

Each keeps the five–seven–five count by ear and drops the rest of the rules. The last is for anyone who has watched three dots and wondered.`,
  },
  {
    keywords: /compare|versus|\bvs\b|difference|table|which|better|choose/i,
    text: `A fair comparison starts with the question *for what?* Here are two ways to send live text to a browser:

| | Server-sent events | WebSocket |
|---|---|---|
| Direction | server → browser | both |
| Carried by | ordinary HTTP | an upgraded connection |
| Reconnects | built in, with the last id | write it yourself |
| Binary data | no | yes |
| Behind proxies | like any download | sometimes blocked |

**Choose events** when one side talks and the other listens: progress, logs, the words of a model.
**Choose a socket** when both sides talk at the same time: games, shared cursors, calls.

The deciding row is usually the third. A stream that resumes by itself is a feature you do not have to debug.`,
  },
  {
    keywords: /explain|recursion|how does|what is|teach|learn|understand/i,
    text: `### Recursion in one picture

You are in a cinema and want to know your row number. You ask the person in front; they do not know either, so they ask *the person in front of them*. In row one somebody says **"one"**. Then the answers come back: two, three, four, each adding one, until it reaches you.

\`\`\`text
row(seat) = 1                      if nobody sits in front
          = 1 + row(seat ahead)    otherwise
\`\`\`

Everything important is there:

- a **base case** that answers without asking,
- a **step** that makes the question smaller,
- and a **stack** of people waiting, each holding one unfinished addition.

Forget the first and nobody ever answers. Make the cinema too long and you run out of people who can wait: that is a stack overflow.`,
  },
  {
    keywords: /math|equation|proof|prime|number|sum|integral|calculate/i,
    text: `A proof that fits on a napkin: **the odd numbers add up to squares.**

$$1 + 3 + 5 + \\dots + (2n - 1) = n^2$$

Draw a single dot. To make it a $2 \\times 2$ square, wrap an L of **3** dots around it. To make that $3 \\times 3$, wrap an L of **5**. Each L is two longer than the last, because it grows by one at each end.

| $n$ | new L | total |
|---:|---:|---:|
| 1 | 1 | 1 |
| 2 | 3 | 4 |
| 3 | 5 | 9 |
| 4 | 7 | 16 |

No induction needed: the picture *is* the proof, and it works at every size because nothing in it depends on the size.`,
  },
  {
    keywords: /travel|trip|city|visit|plan|holiday|weekend|japan|kyoto/i,
    text: `## A day in Kyoto, on foot 🍁

- **07:00** Fushimi Inari (伏見稲荷大社). Thousands of vermilion gates, and at this hour almost nobody. Climb at least to the crossing halfway up.
- **10:30** Tōfuku-ji (東福寺). A garden of moss and stone squares that dissolves as it goes, like a chessboard forgetting itself.
- **13:00** Nishiki market (錦市場) for lunch in small pieces.
- **15:00** The Path of Philosophy (哲学の道), two kilometres beside a canal.
- **18:00** Pontochō (先斗町), a lane just wide enough for two umbrellas.

> [!TIP]
> Carry coins and a small towel, and buy the day pass only if you take more than three rides.

| Leg | Distance |
|---|---:|
| in the morning, with the climb | 6 km |
| in the afternoon | 4 km |`,
  },
  {
    keywords: /translate|language|word|mean|arabic|hebrew|chinese|japanese|spanish/i,
    text: `How twelve words for *peace* greet you, or nearly do:

| Language | Word | Said roughly |
|---|---|---|
| Arabic | سلام | salām |
| Hebrew | שלום | shalom |
| Japanese | 平和 | heiwa |
| Chinese | 和平 | hépíng |
| Korean | 평화 | pyeonghwa |
| Hindi | शांति | shānti |
| Russian | мир | mir |
| Greek | ειρήνη | iríni |
| Finnish | rauha | rauha |
| Swahili | amani | amani |
| Turkish | barış | barish |
| Hawaiian | maluhia | maluhia |

Two things to notice. **Arabic and Hebrew** are cousins: *s-l-m* and *sh-l-m* are one root. And **Japanese and Chinese** use the same two characters, 平 "level" and 和 "harmony", in opposite order. The Russian word has a twin of another meaning: мир is also *the world*.`,
  },
];
