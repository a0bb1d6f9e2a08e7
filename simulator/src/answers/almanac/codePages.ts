/** Code pages of the almanac: a short program with what is worth noticing in it. */

const fence = '```';

function page(title: string, before: string, language: string, code: string, after: string): string {
  return `### ${title}\n\n${before}\n\n${fence}${language}\n${code}\n${fence}\n\n${after}`;
}

/** Every program once, each in its own language. */
export const codePages: readonly string[] = [
  page(
    'Euclid’s algorithm',
    'The oldest algorithm still in daily use is about 2,300 years old. To find the greatest common divisor of two lengths, lay the shorter along the longer as often as it fits, keep the rest, and repeat.',
    'python',
    `def gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


assert gcd(1071, 462) == 21`,
    'The slowest inputs are neighbouring Fibonacci numbers, because each step then removes as little as possible. That observation, made by Gabriel Lamé in 1844, is often called the first analysis of an algorithm’s running time.',
  ),
  page(
    'Shuffling without favourites',
    'Sorting by a random key looks right and is often biased. The method of Fisher and Yates walks backwards and swaps each card with one of those not yet fixed.',
    'typescript',
    `export function shuffle<Item>(items: readonly Item[], random: () => number = Math.random): Item[] {
  const result = [...items];
  for (let end = result.length - 1; end > 0; end -= 1) {
    const chosen = Math.floor(random() * (end + 1));
    [result[end], result[chosen]] = [result[chosen] as Item, result[end] as Item];
  }
  return result;
}`,
    'Every one of the $n!$ orders is equally likely, provided the source of randomness is fair. With a 32-bit seed it cannot be: a pack of 52 cards has far more orders than such a generator has states.',
  ),
  page(
    'A pipeline in the shell',
    'Doug McIlroy once answered a ten-page literate program with six commands. This is his answer: the most frequent words of a text.',
    'bash',
    `tr -cs A-Za-z '\\n' < book.txt |
  tr A-Z a-z |
  sort |
  uniq -c |
  sort -rn |
  head -n 10`,
    'Each tool does one thing. `uniq` can only count neighbours, which is why the first `sort` is there, and the second one puts the counts in order.',
  ),
  page(
    'Running totals in SQL',
    'A window function looks at neighbouring rows without folding them into one. The query keeps every sale and adds what had been earned by then.',
    'sql',
    `SELECT sold_on,
       amount,
       SUM(amount) OVER (ORDER BY sold_on, id) AS total_so_far,
       amount - LAG(amount) OVER (ORDER BY sold_on, id) AS difference
FROM sales
WHERE sold_on >= DATE '2026-01-01'
ORDER BY sold_on, id;`,
    'The `id` in the ordering is not decoration. Two sales on the same day would otherwise count as peers, and both would show the total that includes the other.',
  ),
  page(
    'A channel as a queue of work',
    'In Go, a channel that is closed still hands out what it holds. That makes it a natural list of jobs for a handful of workers.',
    'go',
    `func squares(numbers []int, workers int) <-chan int {
	jobs, results := make(chan int), make(chan int)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for number := range jobs {
				results <- number * number
			}
		})
	}
	go func() {
		for _, number := range numbers {
			jobs <- number
		}
		close(jobs)
		group.Wait()
		close(results)
	}()
	return results
}`,
    'Whoever sends is the one who closes: `jobs` by the loop that fills it, `results` only after the last worker has gone home. The order of results is nobody’s promise.',
  ),
  page(
    'Errors as values',
    'Rust makes a function say in its type that it can fail, and the question mark passes the failure on to whoever called.',
    'rust',
    `use std::{fs, io, num::ParseIntError};

#[derive(Debug)]
enum ReadError {
    File(io::Error),
    Number(ParseIntError),
}

fn read_port(path: &str) -> Result<u16, ReadError> {
    let text = fs::read_to_string(path).map_err(ReadError::File)?;
    text.trim().parse().map_err(ReadError::Number)
}`,
    'Nothing is thrown and nothing can be forgotten: a caller who ignores the `Result` hears about it from the compiler. A port of 70000 is refused too, since it does not fit into sixteen bits.',
  ),
  page(
    'A grid that needs no media query',
    'Ask for columns at least sixteen characters wide, as many as fit, and let them share what is left.',
    'css',
    `.cards {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr));
  gap: clamp(0.75rem, 2vw, 1.5rem);
}

.cards > * {
  container-type: inline-size;
}`,
    'The inner `min` is the detail that people miss: without it, a screen narrower than sixteen rem gets a column that sticks out of the page.',
  ),
  page(
    'Folding a list',
    'In Haskell a great many loops turn out to be the same loop. `foldr` replaces every comma of a list by a function, and its end by a value.',
    'haskell',
    `runLengths :: Eq a => [a] -> [(a, Int)]
runLengths = foldr step []
  where
    step x ((y, n) : rest) | x == y = (y, n + 1) : rest
    step x rest = (x, 1) : rest

-- runLengths "aaabcc" == [('a',3),('b',1),('c',2)]`,
    'The list is walked from the right, so each step sees the runs behind it already counted and has only two choices: lengthen the first run, or begin one.',
  ),
  page(
    'Binary search, bounds included',
    'Easy to describe, and for sixteen years its first published version had errors. The safe habit is to say what the two bounds mean and to keep that true.',
    'c',
    `/* Returns the first index whose value is not less than key, or count. */
size_t lower_bound(const int *values, size_t count, int key) {
    size_t low = 0, high = count; /* the answer is in [low, high] */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (values[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}`,
    'Writing `low + (high - low) / 2` in place of `(low + high) / 2` avoids an overflow that sat in a widely used library until 2006.',
  ),
  page(
    'A configuration worth reading',
    'JSON has no comments, so a good file explains itself with names. Units belong in them.',
    'json',
    `{
  "listen": { "host": "127.0.0.1", "port": 4010 },
  "limits": { "maxBodyBytes": 1048576, "idleTimeoutMs": 60000 },
  "languages": ["en", "de", "日本語", "العربية"]
}`,
    'Read `idleTimeoutMs` aloud and there is nothing left to ask. Called `timeout`, it would have cost somebody an afternoon.',
  ),
  page(
    'A diff tells a story',
    'The smallest repair of a classic mistake: a default list that all calls share.',
    'diff',
    `-def add(item, basket=[]):
+def add(item, basket=None):
+    basket = [] if basket is None else basket
     basket.append(item)
     return basket`,
    'Python evaluates the default once, when the function is defined. The second customer used to find the first one’s apples in the basket.',
  ),
  page(
    'Patterns in Elixir',
    'A function can have several heads, and the first that fits the arguments is taken. Conditions become shapes.',
    'elixir',
    `defmodule Shape do
  def area({:circle, r}) when r >= 0, do: :math.pi() * r * r
  def area({:rectangle, a, b}), do: a * b
  def area({:triangle, base, height}), do: base * height / 2
end

Shape.area({:triangle, 3, 4}) # => 6.0`,
    'Add a shape that no head knows and the call fails at once with the value that did not fit, which is a better message than most people write by hand.',
  ),
];
