/**
 * Imports conversations of other products. Each is read, parsed and stored on its own, with its line of the report, so an
 * error affects only that conversation. Memory is bounded by a few conversations.
 */
import type { ImportCount } from '@rill/protocol';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/database.ts';
import type { FileService } from '../../files/fileService.ts';
import { findImportedChat, type ImportedState } from '../../store/chats/importedChats.ts';
import { insertProject } from '../../store/projects.ts';
import { importProducts } from '../form/importedChat.ts';
import { type Importer, ImportRefused, type ImportSource, type RunContext } from '../importer.ts';
import { type ItemBytes, readJsonItems } from '../reading/jsonItems.ts';
import type { ConversationReading } from '../reading/readConversation.ts';
import { ReadingThread } from '../reading/readingThread.ts';
import { createListFinder, type FindLists } from './findLists.ts';
import { EntriesById, type KeptFiles, keepFiles } from './keepFiles.ts';
import { type MessageIds, planMessageIds } from './messageIds.ts';
import { otherFilesOf } from './otherFiles.ts';
import { SourceProjects } from './sourceProjects.ts';
import { storeConversation } from './storeConversation.ts';

export interface ConversationDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly files: Pick<FileService, 'upload'>;
}

/** More conversations than any user has; without a limit, a file of empty ones would fill the disk with its report. */
const maxConversations = 200_000;
/** Conversations that are read ahead while one is stored. */
const readAhead = 2;

const productNames = {
  chatgpt: 'ChatGPT',
  claude: 'Claude',
  'open-webui': 'Open WebUI',
  librechat: 'LibreChat',
  'chat-ui': 'chat-ui',
} as const;

/**
 * Creates one importer for each product. If a source has files of several products, the product of the first file
 * imports all of them.
 */
export function createConversationImporters(dependencies: ConversationDependencies): Importer[] {
  const findLists = createListFinder();
  return importProducts.map((product) => ({
    product,
    recognise: async (source) => (await findLists(source))[0]?.product === product,
    count: async (source, context) => {
      const counted = await countConversations(readItems(source, findLists, context.signal));
      const others = otherFilesOf(source, await findLists(source));
      const files = source.entries.filter(({ name }) => !/\.(json|html)$/i.test(name)).length;
      return { ...counted, items: counted.items + others.length, files };
    },
    async run(source, context) {
      await storeConversations(readItems(source, findLists, context.signal), context, {
        ...dependencies,
        entries: new EntriesById(source),
        projectName: productNames[product],
      });
      for (const item of otherFilesOf(source, await findLists(source)))
        if (!(await context.isReported(item.key)))
          await dependencies.database.transaction((transaction) => context.report(transaction, item));
    },
  }));
}

/** An item found in a list; `bytes` is null if it cannot be read, and `problem` tells why. */
interface FoundItem {
  /** Identifies it in the source: the same at each reading. */
  readonly key: string;
  readonly bytes: ItemBytes | null;
  readonly problem: string;
}

const problems = {
  'too-large': 'It is too large.',
  cut: 'The file ends in the middle of it, or before it.',
  'not-json': 'The file is not valid JSON.',
} as const;

async function* readItems(
  source: ImportSource,
  findLists: FindLists,
  signal: AbortSignal,
): AsyncGenerator<FoundItem> {
  let count = 0;
  for (const { entry } of await findLists(source)) {
    const stream = await entry.open();
    let index = 0;
    try {
      for await (const { bytes, problem } of readJsonItems(stream)) {
        signal.throwIfAborted();
        count += 1;
        index += 1;
        if (count > maxConversations)
          throw new ImportRefused(`There are more than ${maxConversations} conversations.`);
        yield { key: `${entry.name}#${index}`, bytes, problem: problem ? problems[problem] : '' };
      }
    } finally {
      stream.destroy();
    }
  }
}

async function countConversations(found: AsyncIterable<FoundItem>): Promise<Omit<ImportCount, 'files'>> {
  const thread = new ReadingThread();
  try {
    let [items, conversations, messages] = [0, 0, 0];
    for await (const { bytes } of found) {
      const messageCount = bytes ? await thread.countMessages(bytes) : 0;
      items += 1;
      messages += messageCount;
      if (messageCount > 0) conversations += 1;
    }
    if (conversations === 0)
      throw new ImportRefused('Not one conversation in it has a message that Rill can read.');
    return { items, conversations, messages };
  } finally {
    await thread.close();
  }
}

type StoreDependencies = ConversationDependencies & {
  readonly projectName: string;
  readonly entries: EntriesById;
};

async function storeConversations(
  found: AsyncIterable<FoundItem>,
  context: RunContext,
  dependencies: StoreDependencies,
): Promise<void> {
  const { clock } = dependencies;
  const projectId = context.projectId ?? (await makeProject(context, dependencies));
  const { database, newId, projectName: productName } = dependencies;
  const { ownerId } = context;
  const projects = new SourceProjects({ database, newId, ownerId, productName, nowMs: () => clock.nowMs() });
  const thread = new ReadingThread();
  const ahead: { readonly key: string; readonly reading: Promise<ConversationReading> }[] = [];
  const storeNext = async () => {
    const next = ahead.shift();
    if (!next) return;
    const reading = await next.reading;
    await store(next.key, reading, { ...context, projectId }, { ...dependencies, projects });
  };
  try {
    for await (const { key, bytes, problem } of found) {
      if (await context.isReported(key)) continue;
      const reading = bytes ? thread.read(bytes, clock.nowMs()) : Promise.resolve({ problem });
      // Its rejection is handled when it is stored; after an error that ends the import, it is never awaited.
      reading.catch(() => undefined);
      ahead.push({ key, reading });
      if (ahead.length > readAhead) await storeNext();
    }
    while (ahead.length > 0) await storeNext();
  } finally {
    await thread.close();
  }
}

async function makeProject(
  context: RunContext,
  { database, clock, newId, projectName }: StoreDependencies,
): Promise<string> {
  const id = newId();
  await database.transaction(async (transaction) => {
    const project = { id, ownerId: context.ownerId, name: projectName, nowMs: clock.nowMs() };
    await insertProject(transaction, project);
    await context.setProject(transaction, id);
  });
  return id;
}

async function store(
  key: string,
  reading: ConversationReading,
  context: RunContext & { readonly projectId: string },
  dependencies: StoreDependencies & { readonly projects: SourceProjects },
): Promise<void> {
  const { database, clock, newId, projects } = dependencies;
  const { ownerId, signal } = context;
  const before = await findBefore(reading, ownerId, database);
  const chat = 'problem' in reading ? null : reading.chat;
  const messageIds = await planMessageIds(chat?.messageIds ?? [], before, newId);
  const isStored = await storeConversation(reading, {
    database,
    ownerId,
    // One that is not new stays where it is.
    projectId: chat?.projectId && !before ? await projects.find(chat.projectId) : context.projectId,
    newId,
    nowMs: clock.nowMs(),
    before,
    messageIds,
    files: await keepNewFiles(reading, { before, messageIds }, ownerId, dependencies),
    signal,
    report: (transaction, line) => context.report(transaction, { key, ...line, title: line.title || key }),
  });
  if (isStored) return;
  signal.throwIfAborted();
  await store(key, reading, context, dependencies);
}

/** What the last import of the conversation left; null for none. */
async function findBefore(
  reading: ConversationReading,
  ownerId: string,
  { reader }: Database,
): Promise<ImportedState | null> {
  if ('problem' in reading || !reading.chat) return null;
  const { product, sourceId } = reading;
  return findImportedChat(reader, { ownerId, product, sourceId });
}

const noFiles: KeptFiles = { byKey: new Map(), notes: [] };

/** The files of messages that were imported before are stored already. */
async function keepNewFiles(
  reading: ConversationReading,
  { before, messageIds }: { readonly before: ImportedState | null; readonly messageIds: MessageIds },
  ownerId: string,
  { entries, files }: StoreDependencies,
): Promise<KeptFiles> {
  if ('problem' in reading || !reading.chat || before?.digest === reading.digest) return noFiles;
  const { filesOfMessages, contents } = reading.chat;
  const added = filesOfMessages.filter(({ messageId }) => !messageIds.storedBefore.has(messageId));
  return keepFiles({ filesOfMessages: added, contents }, { ownerId, entries, files });
}
