/** Short essays of the almanac, each with some construct of markdown that prose seldom needs. */

/** Every essay once. */
export const essays: readonly string[] = [
  `### On keeping a list

A list is the smallest useful piece of writing. It does three things at once: it remembers, it orders, and it lets you stop thinking. The last is the most valuable. A shop visited without a list is a long negotiation with yourself; with one it is a walk.

- [x] Write things down where you will see them again
- [x] One line, one thing, beginning with a verb
- [ ] Review what has stood there for a month
  - [ ] Do it today, if it takes five minutes
  - [ ] Otherwise give it a day
  - [ ] Otherwise admit that it will not happen, and cross it out
- [ ] Enjoy the crossing out

The dishonest list grows for ever. The honest one has an end, and somebody who is willing to reach it.`,
  `### How to read a map upside down

Nothing in the sky says that north is up. Medieval European maps put the east at the top, because Paradise was there, and so we still *orient* ourselves. Many Arab maps had the south above, among them the great one that al-Idrisi drew for a Norman king of Sicily in 1154.

> A map is an argument about what to leave out.

Turn one around and you notice things that habit hides: that the Mediterranean is a crossroads more than an edge, that South America lies almost wholly east of Florida, that Africa is enormous. Then turn it back, and keep the noticing.`,
  `### The bridge that sang

On 7 November 1940 the Tacoma Narrows Bridge twisted itself to pieces in a wind of 64 kilometres an hour. The film of it has been shown to students ever since, usually as an example of resonance. It was not quite that. The wind did not blow in time with the bridge; **the bridge made its own timing**. As the deck tilted, the flow fed the tilt, and each swing took a little more energy from a steady wind than the one before. Engineers call it flutter.

1. A small twist changes how air flows around the deck.
2. The changed flow pushes the twist further.
3. The cables pull it back, past the middle, to the other side.
4. Return to 1, slightly stronger.

No one was killed, except for a dog named Tubby who would not be carried out of a car.`,
  `### What bread knows

Flour, water, salt, time. Everything else in a bakery is a way of arranging those four. Leave flour and water together and within a week they hold a small society: wild yeasts that breathe out gas, and bacteria that make acid and so keep other microbes away.

| Hour | What the dough does | What the baker does |
|---:|---|---|
| 0 | enzymes wake and cut starch into sugar | mixes, and waits |
| 1 | gluten begins to hold together | adds salt |
| 2–5 | bubbles grow and stretch the net | folds, four times |
| 6 | holds its shape | shapes |
| 18 | tastes of something | bakes |

The long cold night between shaping and baking costs nothing and does most of the work. It may be the best bargain in cooking.`,
  `### Why the week has seven days

The day is a turn of the Earth, the month roughly a round of the Moon, the year a journey about the Sun. The week is none of these. It is a pure invention, and it has outlived every empire that tried to mend it.

Babylon counted seven wandering lights in the sky, and gave each an hour in turn. Whichever light ruled the first hour named the day, and since twenty-four leaves a remainder of three when divided by seven, the names jump: Saturn, Sun, Moon, Mars, Mercury, Jupiter, Venus. You can still hear them in *Saturday*, *Sunday*, *Monday*, and in French *mardi*, *mercredi*, *jeudi*, *vendredi*.

France tried ten days in 1793, and the Soviet Union five in 1929, and then six. Both went back. A week, it seems, is as long as people agree that it is.`,
  `### Instructions for looking at one tree 🌳

Choose one that you pass every day. A grand one is not needed.

* **In winter**, learn its outline. Each kind has a way of branching: an oak is crooked in all directions, a lime droops and then turns up at the tips.
* **In spring**, notice what comes first.
  * Hazel flowers on bare wood.
  * Ash opens last, from buds as black as coal.
    * In Germany and in England there are opposite rhymes about whether oak before ash means rain.
* **In summer**, stand under it in a shower and find out how long you stay dry.
* **In autumn**, see which side turns first.

After one year you will know more about that tree than about some of your relations. After two, you will have begun to wonder what it has noticed about you.`,
  `### The lighthouse and the light bulb

A lighthouse lens is a mountain of glass that Augustin Fresnel managed to take away. Only the surface of a lens bends light, he reasoned in 1822, so the middle can go. Cut the surface into rings, slide each ring flat, and a lens that would have weighed tonnes stands in a frame of brass.

The largest kind, called *hyper-radial*, is so tall that a keeper could stand inside. It floated in a trough of mercury and turned at the push of a finger, and its beam from a wick no brighter than a good desk lamp was seen thirty kilometres out.

---

The same idea, pressed in plastic and thin as a card, is in the reading lens in your wallet, in the lights of cars, and in front of the projector in many a classroom. See also [the history of lenses](https://en.wikipedia.org/wiki/Fresnel_lens).`,
  `### A short defence of the footnote

The footnote is a polite interruption. It lets a sentence run on while somebody at the foot of the page clears their throat and says *well, actually*. Historians live in them. Edward Gibbon hid his best jokes there.

What makes a good one?

1. It can be skipped without loss.
2. It cannot be read without pleasure.
3. It tells you where to look, exactly enough that you could.

The hyperlink was meant to replace it, and did not, because a link takes you away, and a footnote only lowers its voice. ~~Endnotes~~ are another matter, and we shall not speak of them.`,
  `### Five sounds that are disappearing

- The **dial-up modem**, which was two machines testing the line with every tone they knew, ending in a hiss that meant success.
- The **flip-dot board** in a station hall, a long shiver that ran down the departures.
- The **typewriter bell**, six letters before the end of the line: decide now.
- The **needle drop**, the second of warm nothing before the music.
- The **mechanical shutter**, which is now a recording of itself, played through a loudspeaker the size of a lentil.

Nobody mourned them as they went, because each went in the middle of an improvement. Someone should have held a microphone up to more things. Perhaps you have something within reach, this minute, that will be quiet in twenty years.`,
  `### The honest weather forecast

When a forecaster says seventy per cent, it should rain on seven of ten such days. That can be checked, and among professions that give odds, forecasters come out remarkably well. The reason is not that the atmosphere is simple. It is that **they are told the next day**.

> Skill grows where predictions are written down, scored, and shown to the one who made them.

A surgeon hears years later, an investor may confuse luck with talent for a whole career. The forecaster is wrong in public before breakfast. If you want to become better at judging anything, arrange to be wrong on that schedule: put a number to it, put a date to it, and look.`,
  `### A room with good acoustics

Wallace Sabine was asked in 1895 to repair a lecture hall at Harvard in which no word could be understood. He carried in seat cushions by night, hundreds of them, timing with a stopwatch and an organ pipe how long a sound took to die away, and carried them all out again before morning.

What he found fits in a line, with $V$ the volume in cubic metres and $A$ the absorbing area in square metres:

$$T = 0.161\\,\\frac{V}{A}$$

An audience absorbs a great deal, which is why an empty hall rings and a full one does not. The Boston Symphony Hall of 1900 was the first built by his rule. It is still among the best.`,
  `### Things that are older than they look

| Thing | Age, about |
|---|---:|
| the umbrella | 2,400 years |
| glass windows | 1,900 years |
| spectacles | 740 years |
| the pencil | 460 years |
| contact lenses | 138 years |
| the fax machine | 180 years |

The last line is no mistake. Alexander Bain patented a machine that sent pictures over a wire in 1843, when samurai still served the shogun, thirty-three years before the telephone. Inventions do not come in the order in which we came to need them. Most wait for a partner: the fax for the telephone line, spectacles for printed books, the bicycle for the rubber tyre.`,
];
