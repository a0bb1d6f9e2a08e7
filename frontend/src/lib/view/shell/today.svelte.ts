/** Returns the current calendar day; an effect that reads it runs again when a new day begins. */
import { createSubscriber } from 'svelte/reactivity';
import { dayStartMs } from '../../chat/workspace/groupChats.ts';

/** Timers stop while a machine sleeps, so a page that becomes visible checks the day as well. */
export function createToday(nowMs: () => number = Date.now): () => number {
  const subscribe = createSubscriber((update) => {
    let timer: ReturnType<typeof setTimeout>;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(renew, dayStartMs(nowMs(), -1) - nowMs() + 1);
    };
    const renew = () => {
      update();
      wait();
    };
    wait();
    document.addEventListener('visibilitychange', renew);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', renew);
    };
  });
  return () => {
    subscribe();
    return nowMs();
  };
}
