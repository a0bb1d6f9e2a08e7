/** Holds the texts of the pictures: a question and an answer with every element that has its own drawing. */
export const answer = `Retry only what can succeed later, and wait longer each time.

## When to retry

| status | retry? | wait |
| --- | --- | --- |
| 429 | yes | what \`Retry-After\` says |
| 500, 502, 503 | yes | 1 s, 2 s, 4 s, … |
| 400, 401, 404 | no | |

### With jitter

Add **jitter**, so that clients do not come back all at once. See [the paper](https://example.com/jitter):

\`\`\`ts
// Full jitter: anywhere between nothing and the longest wait.
interface RetryOptions { readonly attempts: number }

export async function retry<Result>(send: () => Promise<Result>, { attempts }: RetryOptions): Promise<Result> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (attempt >= attempts) throw error;
      await wait(Math.random() * Math.min(30_000, 1_000 * 2 ** attempt));
    }
  }
}
\`\`\`

> Give up after five attempts, or when the user stops waiting.

- one thing
- another thing, with \`code\` in it
`;
export const longQuestion = `How do I retry a request, and how long should I wait? This is what I have:

\`\`\`ts
await fetch(url);
\`\`\`

${Array.from({ length: 16 }, (_, index) => `- detail number ${index + 1} of the case`).join('\n')}`;
