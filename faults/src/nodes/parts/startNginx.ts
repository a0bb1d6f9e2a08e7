/** Starts nginx before nodes with the lines of deploy/nginx.conf, which name nodes by the hosts of compose.yaml. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nginxFileConfig } from '../../../../backend/test/proxies/proxyConfigs.ts';
import { type ProxyProcess, startProxy } from '../../../../backend/test/proxies/proxyProgram.ts';

const path = fileURLToPath(new URL('../../../../deploy/nginx.conf', import.meta.url));

export function startNginx(ports: readonly number[]): Promise<ProxyProcess> {
  const addresses = new Map(ports.map((port, index) => [`node${index + 1}`, `127.0.0.1:${port}`]));
  return startProxy('nginx', nginxFileConfig(readFileSync(path, 'utf8'), addresses));
}
