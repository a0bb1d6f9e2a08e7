/** Models the messages of chats as plainly as possible, to compare a server with: what is shown, and what a model gets. */

export interface ModelMessage {
  readonly id: string;
  readonly parentId: string | null;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** True for an answer that was stopped in the middle. */
  readonly isCut: boolean;
  /** The message whose deletion took it away; null in what is not deleted. */
  deletedWith: string | null;
  /** Grows with every time that a branch ending here was shown; at first, when it was made. */
  lastShown: number;
}

export type NewMessage = Pick<ModelMessage, 'id' | 'role' | 'text'> & { readonly isCut?: boolean };

export class ConversationModel {
  readonly messages = new Map<string, ModelMessage>();
  leafId: string | null = null;
  readonly #children = new Map<string | null, ModelMessage[]>();
  #shownCount = 0;

  /** Adds messages, each below the one before it, and shows the last. */
  add(parentId: string | null, ...added: readonly NewMessage[]): void {
    let parent = parentId;
    for (const { id, role, text, isCut = false } of added) {
      this.#shownCount += 1;
      const lastShown = this.#shownCount;
      const message = { id, role, text, isCut, parentId: parent, deletedWith: null, lastShown };
      this.messages.set(id, message);
      this.#children.set(parent, [...(this.#children.get(parent) ?? []), message]);
      parent = id;
    }
    this.leafId = parent;
  }

  get(id: string): ModelMessage {
    const message = this.messages.get(id);
    if (!message) throw new Error(`The model has no message ${id}.`);
    return message;
  }

  /** The messages from the root to one of them. */
  pathTo(leafId: string | null): ModelMessage[] {
    const path: ModelMessage[] = [];
    for (let id = leafId; id !== null; id = this.get(id).parentId) path.unshift(this.get(id));
    return path;
  }

  get shown(): ModelMessage[] {
    return this.pathTo(this.leafId);
  }

  /** All versions of a message, itself included, oldest first: what follows the same message. */
  versionsOf({ parentId }: ModelMessage): string[] {
    return this.#childrenOf(parentId).map(({ id }) => id);
  }

  /** Shows the branch through a message, as it was shown last. */
  show(id: string): void {
    const leaves = this.#from(id).filter((message) => this.#childrenOf(message.id).length === 0);
    const last = leaves.reduce((newest, leaf) => (leaf.lastShown > newest.lastShown ? leaf : newest));
    this.#shownCount += 1;
    last.lastShown = this.#shownCount;
    this.leafId = last.id;
  }

  /** Deletes a message and all below it. Returns how many those were. */
  delete(id: string): number {
    const message = this.get(id);
    const versions = this.versionsOf(message);
    const index = versions.indexOf(id);
    const isShown = this.shown.some((shown) => shown.id === id);
    const gone = this.#from(id);
    for (const each of gone) each.deletedWith = id;
    if (!isShown) return gone.length;
    const substitute = versions[index - 1] ?? versions[index + 1] ?? message.parentId;
    if (substitute === null) this.leafId = null;
    else this.show(substitute);
    return gone.length;
  }

  /** What can be restored: messages that were deleted by themselves and follow one that is there. */
  get restorable(): string[] {
    const isThere = (id: string | null) => id === null || this.get(id).deletedWith === null;
    return [...this.messages.values()]
      .filter(({ id, deletedWith, parentId }) => deletedWith === id && isThere(parentId))
      .map(({ id }) => id);
  }

  restore(id: string): void {
    for (const message of this.messages.values()) if (message.deletedWith === id) message.deletedWith = null;
    this.show(id);
  }

  /** A message and all below it. */
  #from(id: string): ModelMessage[] {
    return [this.get(id), ...this.#childrenOf(id).flatMap((child) => this.#from(child.id))];
  }

  #childrenOf(parentId: string | null): ModelMessage[] {
    return (this.#children.get(parentId) ?? []).filter(({ deletedWith }) => deletedWith === null);
  }
}

/** What a model gets of these messages: those of one role that follow each other are one. */
export function turnsOf(messages: readonly Pick<ModelMessage, 'role' | 'text'>[]): string[] {
  const turns: { role: string; text: string }[] = [];
  for (const { role, text } of messages) {
    const last = turns.at(-1);
    if (last?.role === role) last.text += (role === 'user' ? '\n\n' : '') + text;
    else turns.push({ role, text });
  }
  return turns.map(({ role, text }) => `${role}: ${text}`);
}
