/**
 * Orders the nodes of a conversation so that each message follows its parent, whatever their order and however broken
 * their links are. Leaving out a node does not cut the conversation: its children follow the nearest ancestor that is
 * kept. Linear in the number of nodes and without recursion, because a conversation can be one chain of thousands of
 * messages.
 */
import type { ImportedMessage } from './importedChat.ts';

/** Parts of an answer. */
export type Addition = Partial<
  Pick<ImportedMessage, 'text' | 'thoughts' | 'sources' | 'toolCalls' | 'files' | 'model'>
>;

export interface SourceNode {
  readonly id: string;
  /** An id that does not exist means the same as null: a first message. */
  readonly parentId: string | null;
  readonly timeMs: number | null;
  /** Order among siblings, before time and the order of the nodes. */
  readonly rank?: number | undefined;
  /**
   * The kind of node: a message of the user, the beginning or a part of an answer, something that belongs to the answer
   * that follows, or null for nothing.
   */
  readonly content:
    | ({ readonly kind: 'user' | 'answer' } & Addition &
        Partial<Pick<ImportedMessage, 'status' | 'finishReason' | 'isKeptOut'>>)
    | ({ readonly kind: 'before-answer' } & Addition)
    | null;
}

export interface ArrangeOptions {
  /** The node that was shown last; if it does not exist, the newest one. */
  readonly leafId: string | null;
  /** Time of a first message without one. */
  readonly fallbackTimeMs: number;
  /** True if one answer may be a row of nodes. */
  readonly joinsAnswers?: boolean;
}

export interface ArrangedMessages {
  readonly messages: readonly ImportedMessage[];
  readonly leafId: string | null;
  /** Number of circular links that were cut. */
  readonly cutCircles: number;
}

type Draft = { -readonly [Key in keyof ImportedMessage]: ImportedMessage[Key] };

/** What waits for the next answer on its path, last first. Each item is used by one answer only. */
interface Waiting {
  readonly before: Waiting | null;
  readonly node: SourceNode;
  readonly addition: Addition;
  isUsed: boolean;
}

interface Visit {
  readonly node: SourceNode;
  /** The kept message above. */
  readonly above: Draft | null;
  readonly waiting: Waiting | null;
  /** True while `above` is an answer that this node may continue. */
  readonly isSameAnswer: boolean;
}

export function arrangeMessages(nodes: readonly SourceNode[], options: ArrangeOptions): ArrangedMessages {
  const tree = linkNodes(nodes);
  const arranged = new Arrangement(tree.childrenOf, options);
  for (const root of tree.roots) arranged.visitFrom(root);
  let cutCircles = 0;
  for (const node of nodes) {
    if (arranged.hasVisited(node)) continue;
    cutCircles += 1;
    arranged.visitFrom(node);
  }
  return { messages: arranged.messages, leafId: arranged.findLeafId(), cutCircles };
}

function linkNodes(nodes: readonly SourceNode[]) {
  const ids = new Set(nodes.map(({ id }) => id));
  const byParent = Map.groupBy(nodes, ({ parentId }) =>
    parentId !== null && ids.has(parentId) ? parentId : null,
  );
  for (const siblings of byParent.values()) siblings.sort(compareSiblings);
  return {
    roots: byParent.get(null) ?? [],
    childrenOf: (id: string): readonly SourceNode[] => byParent.get(id) ?? [],
  };
}

/** The sort is stable: equal nodes keep their order. */
const compareSiblings = (first: SourceNode, second: SourceNode): number =>
  compareNumbers(first.rank, second.rank) || compareNumbers(first.timeMs, second.timeMs);

const compareNumbers = (first: number | null | undefined, second: number | null | undefined): number => {
  const [firstNumber, secondNumber] = [first ?? Number.MAX_VALUE, second ?? Number.MAX_VALUE];
  return firstNumber - secondNumber;
};

class Arrangement {
  readonly messages: Draft[] = [];
  readonly #visited = new Set<string>();
  /** For each node, the message that it became or that it follows. */
  readonly #keptAt = new Map<string, Draft | null>();
  readonly #childrenOf: (id: string) => readonly SourceNode[];
  readonly #options: ArrangeOptions;

  constructor(childrenOf: (id: string) => readonly SourceNode[], options: ArrangeOptions) {
    this.#childrenOf = childrenOf;
    this.#options = options;
  }

  hasVisited(node: SourceNode): boolean {
    return this.#visited.has(node.id);
  }

  visitFrom(root: SourceNode): void {
    const open: Visit[] = [{ node: root, above: null, waiting: null, isSameAnswer: false }];
    for (let visit = open.pop(); visit; visit = open.pop()) {
      if (this.#visited.has(visit.node.id)) continue;
      this.#visited.add(visit.node.id);
      const after = this.#keep(visit);
      const children = this.#childrenOf(visit.node.id).filter((child) => !this.hasVisited(child));
      const above = children.length === 0 ? this.#keepWaiting(after) : after.above;
      this.#keptAt.set(visit.node.id, above);
      const isSameAnswer = after.isSameAnswer && children.length === 1;
      for (const node of children.toReversed())
        open.push({ node, above, waiting: after.waiting, isSameAnswer });
    }
  }

  #keep(visit: Visit): Omit<Visit, 'node'> {
    const { node, above, waiting, isSameAnswer } = visit;
    const { content } = node;
    if (content === null) return visit;
    if (content.kind === 'before-answer')
      return { ...visit, waiting: { before: waiting, node, addition: content, isUsed: false } };
    if (content.kind === 'user') {
      const parent = this.#keepWaiting(visit);
      const question = this.#begin(node, parent, 'user', content);
      if (content.isKeptOut) question.isKeptOut = true;
      return { above: question, waiting: null, isSameAnswer: false };
    }
    const isPart =
      isSameAnswer &&
      above !== null &&
      this.#options.joinsAnswers === true &&
      above.isKeptOut === content.isKeptOut;
    const answer = isPart ? above : this.#begin(node, above, 'assistant', {});
    if (content.isKeptOut) answer.isKeptOut = true;
    for (const { addition } of takeUnused(waiting)) add(answer, addition);
    add(answer, content);
    if (content.status) answer.status = content.status;
    if (content.finishReason) answer.finishReason = content.finishReason;
    return { above: answer, waiting: null, isSameAnswer: true };
  }

  /** Turns what waited for an answer that never comes into one; returns the message above the following nodes. */
  #keepWaiting({ above, waiting, isSameAnswer }: Omit<Visit, 'node'>): Draft | null {
    const unused = takeUnused(waiting);
    const [first] = unused;
    if (!first) return above;
    const isPart = isSameAnswer && above !== null && this.#options.joinsAnswers === true;
    const answer = isPart ? above : this.#begin(first.node, above, 'assistant', {});
    for (const { addition } of unused) add(answer, addition);
    return answer;
  }

  #begin(node: SourceNode, parent: Draft | null, role: ImportedMessage['role'], content: Addition): Draft {
    const earliestMs = parent === null ? 0 : parent.createdAtMs;
    const timeMs = node.timeMs ?? (parent === null ? this.#options.fallbackTimeMs : earliestMs + 1);
    const message: Draft = {
      id: node.id,
      parentId: parent?.id ?? null,
      role,
      text: '',
      thoughts: '',
      model: null,
      status: 'completed',
      finishReason: null,
      sources: [],
      toolCalls: [],
      files: [],
      createdAtMs: Math.max(timeMs, earliestMs),
    };
    add(message, content);
    this.messages.push(message);
    return message;
  }

  /** The newest message without children below the node that was shown. */
  findLeafId(): string | null {
    const { leafId } = this.#options;
    const shown = (leafId !== null && this.#keptAt.get(leafId)) || null;
    const parents = new Set(this.messages.map(({ parentId }) => parentId));
    if (shown && !parents.has(shown.id)) return shown.id;
    const below = new Set(shown ? [shown.id] : []);
    let newest: Draft | null = null;
    for (const message of this.messages) {
      if (message.parentId !== null && below.has(message.parentId)) below.add(message.id);
      const isCandidate = !parents.has(message.id) && (!shown || below.has(message.id));
      if (isCandidate && (!newest || message.createdAtMs >= newest.createdAtMs)) newest = message;
    }
    return newest?.id ?? null;
  }
}

function takeUnused(waiting: Waiting | null): Waiting[] {
  const unused: Waiting[] = [];
  for (let each = waiting; each && !each.isUsed; each = each.before) {
    each.isUsed = true;
    unused.push(each);
  }
  return unused.reverse();
}

function add(message: Draft, addition: Addition): void {
  message.text = joinTexts(message.text, addition.text);
  message.thoughts = joinTexts(message.thoughts, addition.thoughts);
  message.model = addition.model ?? message.model;
  if (addition.sources?.length) message.sources = [...message.sources, ...addition.sources];
  if (addition.toolCalls?.length) message.toolCalls = [...message.toolCalls, ...addition.toolCalls];
  if (addition.files?.length) message.files = [...message.files, ...addition.files];
}

const joinTexts = (first: string, second = ''): string =>
  first === '' || second === '' ? first || second : `${first}\n\n${second}`;
