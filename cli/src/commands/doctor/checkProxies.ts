/** Reports through which proxy the provider is reached, and which of the usual variables have no effect. */
import type { Config } from '../../../../backend/src/config.ts';
import { chooseProxy } from '../../../../backend/src/llm/http/chooseProxy.ts';
import type { Finding } from './finding.ts';

const names = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'] as const;

export function* checkProxies(
  { provider }: Config,
  environment: Readonly<Record<string, string | undefined>>,
): Generator<Finding> {
  const subject = 'Proxy';
  const url = new URL(provider.baseUrl);
  const proxy = chooseProxy(url, provider.proxies);
  const isAnySet = names.some((name) => environment[name]?.trim() || environment[name.toLowerCase()]?.trim());
  const direct = isAnySet
    ? `The variables leave ${url.hostname} out: it is reached directly.`
    : 'None is set.';
  yield {
    level: 'ok',
    subject,
    found: proxy === null ? direct : `${url.hostname} is reached through ${proxy.origin}.`,
  };
  for (const name of names) {
    const [upper, lower] = [environment[name]?.trim(), environment[name.toLowerCase()]?.trim()];
    if (!upper || !lower || upper === lower) continue;
    yield {
      level: 'warning',
      subject,
      found: `${name} and ${name.toLowerCase()} differ; Rill takes the one in lower case.`,
      advice: 'Set only one of them.',
    };
  }
}
