import { afterEach, expect, it } from 'vitest';
import { keepShell } from './keepShell.ts';

afterEach(() => Reflect.deleteProperty(navigator, 'serviceWorker'));

it('leaves the page alone where the browser refuses even to name service workers', async () => {
  Object.defineProperty(navigator, 'serviceWorker', {
    get: () => {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    },
    configurable: true,
  });
  await expect(keepShell('')).resolves.toBeUndefined();
});
