/** Makes nginx, which some readers use, read its configuration again in the middle of answers. */
import { setTimeout } from 'node:timers/promises';
import { isInstalled } from '../../../../../backend/test/proxies/proxyProgram.ts';
import { type NodeFault, noHarm } from '../../nodeFault.ts';

export const reloadProxy: NodeFault = {
  name: 'nginx',
  meaning: 'reload nginx, through which a third of the readers come, again and again',
  missing: () => (isInstalled('nginx') ? null : 'The fault "nginx" needs nginx.'),
  async inflict({ nginx, proxy }, { random, note }) {
    const times = random.integer(1, 4);
    for (let time = 0; time < times; time += 1) {
      note('nginx reloads');
      nginx?.reload();
      await setTimeout(random.integer(50, 800));
      // Then some connections to nginx are new.
      if (random.isLikely(0.5)) proxy.cut(() => random.isLikely(0.5));
    }
    return { ...noHarm, stopsAtCancel: true };
  },
};
