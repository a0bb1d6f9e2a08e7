/** Asks the provider for its list of models, which is free, to see whether it is reachable and accepts the key. */
import { randomInt } from 'node:crypto';
import { systemClock } from '../../../../backend/src/clock.ts';
import type { Config } from '../../../../backend/src/config.ts';
import { LlmFailure } from '../../../../backend/src/llm/failure/llmFailure.ts';
import { KeyFile } from '../../../../backend/src/llm/key/keyFile.ts';
import { createLlmService } from '../../../../backend/src/llm/llmService.ts';
import type { Finding } from './finding.ts';

const subject = 'Provider';
/** A limit for both questions, in milliseconds. */
const answerLimitMs = 20_000;

export async function* checkProvider({ provider, dataDirectory }: Config): AsyncGenerator<Finding> {
  const key = findKey(provider, dataDirectory);
  yield key.finding;
  if (key.isDemo || key.finding.level === 'problem') return;
  const service = createLlmService({
    ...provider,
    apiKey: key.apiKey,
    clock: systemClock,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    formMemory: { kept: [], save: () => undefined, forget: () => undefined },
  });
  const { host } = new URL(provider.baseUrl);
  const signal = AbortSignal.timeout(answerLimitMs);
  try {
    const { models } = await service.listModels({ signal });
    yield { level: 'ok', subject, found: `${host} answers and lists ${models.length} models.` };
    const isRefused = key.apiKey !== null && !(await service.isKeyAccepted({ signal }).catch(() => true));
    if (isRefused)
      yield { level: 'problem', subject: 'Key', found: `${host} refuses it.`, advice: 'Enter another.' };
  } catch (error) {
    yield describeFailure(host, error);
  } finally {
    await service.close();
  }
}

function describeFailure(host: string, error: unknown): Finding {
  const found =
    error instanceof LlmFailure ? error.message : `${host} gave no answer in ${answerLimitMs / 1000} s.`;
  return {
    level: 'problem',
    subject,
    found,
    advice: 'Check OPENROUTER_BASE_URL, the key, the network of this machine and the proxy variables above.',
  };
}

/** The key that a server started here would use. */
function findKey({ apiKey, basicAuth, baseUrl, isDemo }: Config['provider'], dataDirectory: string) {
  const said = (found: string): Finding => ({ level: 'ok', subject: 'Key', found });
  if (apiKey !== null) return { apiKey, isDemo: false, finding: said('OPENROUTER_API_KEY is set.') };
  if (basicAuth !== null)
    return { apiKey, isDemo: false, finding: said('The address has a user and a password.') };
  try {
    const stored = new KeyFile(dataDirectory).read();
    if (stored?.baseUrl === baseUrl)
      return { apiKey: stored.apiKey, isDemo: false, finding: said('One was entered in the page.') };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { apiKey, isDemo, finding: { level: 'problem', subject: 'Key', found } as Finding };
  }
  const none: Finding = isDemo
    ? {
        level: 'warning',
        subject: 'Key',
        found: 'There is none: the built-in demo answers.',
        advice: 'Set OPENROUTER_API_KEY, or enter a key in the settings of the page.',
      }
    : said('There is none, and another server than OpenRouter is set: it is asked without.');
  return { apiKey, isDemo, finding: none };
}
