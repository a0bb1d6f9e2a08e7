/** Fakes a window and a document that fire events on command and count their listeners. */
import type { ClientEnvironment } from '../src/index.ts';

export type FakeWakeUp = 'online' | 'pageshow' | 'visible' | 'hidden';

class CountingTarget extends EventTarget {
  listenerCount = 0;
  visibilityState = 'visible';

  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener, options);
    this.listenerCount += 1;
    options?.signal?.addEventListener('abort', () => {
      this.listenerCount -= 1;
    });
  }
}

export class FakeEnvironment implements ClientEnvironment {
  readonly window = new CountingTarget();
  readonly document = new CountingTarget();

  get listenerCount(): number {
    return this.window.listenerCount + this.document.listenerCount;
  }

  fire(wakeUp: FakeWakeUp): void {
    if (wakeUp === 'online' || wakeUp === 'pageshow') {
      this.window.dispatchEvent(new Event(wakeUp));
      return;
    }
    this.document.visibilityState = wakeUp;
    this.document.dispatchEvent(new Event('visibilitychange'));
  }
}
