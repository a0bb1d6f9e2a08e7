/**
 * Freezes the order of the sidebar's rows while the pointer is over them, so that a press never hits a row that has
 * just moved there. Their contents stay up to date; moves, additions and removals wait until the pointer has left or a
 * key is pressed.
 */
import type { Chat, Project } from '@rill/protocol';
import { untrack } from 'svelte';

export interface SidebarRows {
  readonly pinned: readonly Chat[];
  readonly projects: readonly Project[];
  readonly chatsByProject: Readonly<Record<string, readonly Chat[]>>;
}

const modifiers: readonly string[] = ['Control', 'Shift', 'Alt', 'Meta', 'AltGraph'];

export class HeldOrder {
  #held = $state.raw<SidebarRows | null>(null);
  readonly #current: () => SidebarRows;
  readonly rows: SidebarRows;

  constructor(current: () => SidebarRows) {
    this.#current = current;
    this.rows = $derived(this.#held ? holdRows(this.#held, current()) : current());
  }

  /** The pointer moves over the rows. */
  hold(): void {
    this.#held ??= untrack(this.#current);
  }

  release(): void {
    this.#held = null;
  }

  /** A key press means that the user does not point; a modifier alone belongs to a later press. */
  releaseByKey({ key }: Pick<KeyboardEvent, 'key'>): void {
    if (!modifiers.includes(key)) this.release();
  }
}

/** The rows of `held`, in its order, with what is known of them now. */
export function holdRows(held: SidebarRows, current: SidebarRows): SidebarRows {
  const known = new Map(
    [...current.pinned, ...Object.values(current.chatsByProject).flat()].map((chat) => [chat.id, chat]),
  );
  // What has not changed stays the same object, so that its row is not drawn again.
  const hold = (chat: Chat): Chat => {
    const { updatedAtMs, pinnedAtMs } = chat;
    const now = known.get(chat.id) ?? chat;
    const isUnmoved = now.updatedAtMs === updatedAtMs && now.pinnedAtMs === pinnedAtMs;
    return isUnmoved ? now : { ...now, updatedAtMs, pinnedAtMs };
  };
  const projects = new Map(current.projects.map((project) => [project.id, project]));
  const heldProjects = held.projects.map((project) => projects.get(project.id) ?? project);
  const added = current.projects.filter(({ id }) => !held.projects.some((project) => project.id === id));
  const chatsByProject = Object.fromEntries(
    Object.entries(held.chatsByProject).map(([projectId, chats]) => [
      projectId,
      // A list that is the one that was held needs no second look.
      chats === current.chatsByProject[projectId]
        ? chats
        : [...chats.map(hold), ...readOn(chats, current.chatsByProject[projectId] ?? [])],
    ]),
  );
  return {
    pinned: held.pinned.map(hold),
    // At the end of the list, where they move nothing.
    projects: [...heldProjects, ...added],
    chatsByProject: { ...current.chatsByProject, ...chatsByProject },
  };
}

/** Older chats that were loaded at the end of the list: they are added below all others. */
function readOn(held: readonly Chat[], current: readonly Chat[]): Chat[] {
  const ids = new Set(held.map(({ id }) => id));
  const last = current.findLastIndex(({ id }) => ids.has(id));
  return last < 0 ? [] : current.slice(last + 1);
}
