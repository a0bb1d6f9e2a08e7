/**
 * demo/flaky: fails in one of the documented ways, which a word in the message selects.
 * Without such a word it cycles through all of them; with "once" the same message succeeds the second time.
 */
import type { Script } from '../script.ts';

const beginning = `A lighthouse does three jobs at once. It marks a place, it gives a rhythm that no other light nearby has, and it says by its colour which side is safe. Keepers used to wind the clockwork that turned the lens every few hours, all night long, and`;

const recovered = `This time it worked. ✅\n\nThe first attempt failed on purpose; the second one found the provider in good health. Nothing of the failed attempt is left in this answer.`;

const outages: Record<string, Script> = {
  429: {
    status: 429,
    headers: { 'retry-after': '3' },
    body: {
      error: {
        message: 'Provider returned error',
        code: 429,
        metadata: {
          raw: 'demo/flaky is temporarily rate-limited upstream. Please retry shortly.',
          provider_name: 'Simulator',
          limit_source: 'upstream_provider_shared_pool',
          error_type: 'rate_limit_exceeded',
        },
      },
      user_id: 'user_simulator',
    },
  },
  402: {
    status: 402,
    body: {
      error: {
        message: 'This request requires more credits, or fewer max_tokens.',
        code: 402,
        metadata: { error_type: 'payment_required', limit_source: 'openrouter_credits' },
      },
    },
  },
  502: httpError(502, 'Provider returned error', 'provider_unavailable'),
  503: httpError(503, 'No provider can take this request right now', 'provider_overloaded', '2'),
  html: {
    status: 502,
    body: '<!DOCTYPE html>\n<html lang="en">\n<head><title>502: Bad gateway</title></head>\n<body><h1>Bad gateway</h1></body>\n</html>\n',
  },
  'mid-stream': [
    { text: beginning },
    {
      error: {
        code: 502,
        message: 'Provider disconnected',
        metadata: { error_type: 'provider_unavailable', provider_name: 'Simulator' },
      },
    },
  ],
  cut: [{ text: beginning }, { end: true }],
  reset: [{ text: beginning }, { reset: true }],
  empty: [{ finish: 'stop', nativeFinishReason: 'network_error' }],
  filter: [
    { text: 'I can tell you how a lock works in general: a key lifts each pin to' },
    { finish: 'content_filter', nativeFinishReason: 'refusal', refusal: 'I will not go further with this.' },
  ],
  length: [{ text: beginning }, { finish: 'length', nativeFinishReason: 'MAX_TOKENS' }],
  garbage: [
    { text: 'One line of this answer ' },
    { raw: 'data: {"id":"gen-broken\n\n' },
    { text: 'was no JSON.' },
  ],
  stall: [{ text: beginning }, { waitMs: 900_000 }, { finish: 'stop' }],
};

/** Other words for the same failures. */
const synonyms: Record<string, string> = {
  'mid stream': 'mid-stream',
  truncated: 'cut',
  hang: 'stall',
  credits: '402',
};

/** Failures without a wait, for the cycle through all of them. */
const cycle = ['429', 'mid-stream', '502', 'cut', 'empty', 'html', 'filter', 'length', 'reset', '503'];

/** How many messages with "once" are remembered; beyond it the oldest one is forgotten and would fail again. */
const maxWaitingOnce = 100;

/** Makes the answers of one simulator: a function from the text of the last message to a script. */
export function createFlakyAnswers(): (userText: string) => Script {
  const failedOnce = new Set<string>();
  let next = 0;
  return (userText) => {
    const text = userText.toLowerCase();
    if (/\bonce\b/.test(text)) {
      if (failedOnce.delete(text)) return [{ text: recovered }];
      failedOnce.add(text);
      const [oldest] = failedOnce;
      if (oldest !== undefined && failedOnce.size > maxWaitingOnce) failedOnce.delete(oldest);
    }
    const named = findFailure(text);
    if (named !== undefined) return named;
    const failure = cycle[next % cycle.length] ?? '429';
    next += 1;
    return outages[failure] ?? [];
  };
}

function findFailure(text: string): Script | undefined {
  const names = [...Object.keys(outages), ...Object.keys(synonyms)];
  const found = names
    .map((name) => ({ name, at: text.indexOf(name) }))
    .filter(({ at }) => at !== -1)
    .toSorted((a, b) => a.at - b.at || b.name.length - a.name.length)[0]?.name;
  return found === undefined ? undefined : outages[synonyms[found] ?? found];
}

function httpError(status: number, message: string, errorType: string, retryAfter?: string): Script {
  return {
    status,
    ...(retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } }),
    body: {
      error: { code: status, message, metadata: { error_type: errorType, provider_name: 'Simulator' } },
    },
  };
}
