/** Shows the browser's own notifications, without a sound, where the user has allowed them. */
import type { Run } from '@rill/protocol';
import type { OutsideNotices } from '../../chat/finished/finishedAnswers.svelte.ts';
import { strings } from '../strings/strings.ts';
import { finishedStrings } from './finishedStrings.ts';

export interface BrowserNotificationsOptions {
  /** The title of the run's chat, '' when it has none. */
  readonly titleOf: (run: Run) => string;
  readonly open: (run: Run) => void;
}

/** Under this key the browser keeps that the user was asked. */
export const noticesAskedKey = 'rill:notices-asked';

export function browserNotifications({ titleOf, open }: BrowserNotificationsOptions): OutsideNotices {
  // Typed as always there, but only secure contexts have it.
  const api = (globalThis as { Notification?: typeof Notification }).Notification;
  return {
    canAsk: () => api?.permission === 'default',
    ask: async () => void (await api?.requestPermission()),
    show(run) {
      if (api?.permission !== 'granted') return;
      try {
        const notice = new api(titleOf(run) || strings.sidebar.untitled, {
          body: run.state === 'completed' ? finishedStrings.complete : finishedStrings.failed,
          tag: `rill:${run.id}`,
          silent: true,
        });
        notice.onclick = () => {
          window.focus();
          open(run);
          notice.close();
        };
      } catch {
        // Browsers of phones take notifications from service workers only; the marks on the page are still there.
      }
    },
  };
}
