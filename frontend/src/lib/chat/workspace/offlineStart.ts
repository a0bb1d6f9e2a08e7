/** Decides what a page without a server shows at its start: the chat of its address, else a new one to write in. */
import type { RillError } from '@rill/protocol';
import type { ShownChat } from './shownChat.svelte.ts';
import type { WorkspaceStateOptions } from './workspaceOptions.ts';

/**
 * Whether there is anything to work with: `unreachable` and `signed-out` each have their own screen. `offline`: nothing is
 * known of the server, and what is written is kept in the browser.
 */
export type WorkspaceAccess =
  | 'loading'
  | 'ready'
  | 'signed-out'
  | 'offline'
  | { readonly unreachable: string };

/** The statuses by which a proxy, or a server that restarts, reports that no server is there at the moment. */
const awayStatuses: readonly unknown[] = [502, 503, 504];

/** True when the request did not get through to a server. */
const isServerAway = ({ details }: RillError): boolean =>
  details?.reason === 'unreachable' || awayStatuses.includes(details?.httpStatus);

/**
 * Opens a new chat where none is open: of the project in the address, else of the one that was open last in this browser.
 * True when the failure is that of a server that is away, and there is a chat to write in.
 */
export function openOffline(
  failure: RillError,
  { router, lastProject }: Pick<WorkspaceStateOptions, 'router' | 'lastProject'>,
  shown: Pick<ShownChat, 'current' | 'open'>,
): boolean {
  if (!isServerAway(failure)) return false;
  const { route } = router;
  const projectId = 'projectId' in route ? route.projectId : lastProject.value;
  if (projectId && !shown.current) {
    router.replace({ name: 'new-chat', projectId });
    shown.open(projectId, null);
  }
  return shown.current !== null;
}
