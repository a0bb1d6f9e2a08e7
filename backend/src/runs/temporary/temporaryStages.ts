/** The stages of temporary chats, opened with the first of them: most servers never have one. */
import type { Database } from '../../database/database.ts';
import type { FileService } from '../../files/fileService.ts';
import type { RunService } from '../runService.ts';
import type { TemporaryChats } from './temporaryChats.ts';

export interface TemporaryStages {
  readonly database: Database & {
    hasChat(chatId: string): boolean;
    hasRun(runId: string): boolean;
    hasFile(fileId: string): boolean;
  };
  readonly runs: RunService;
  readonly chats: TemporaryChats;
  readonly files: FileService;
  /** Called when no answer is being written any more. */
  close(): Promise<void>;
}

export class LazyTemporaryStages {
  readonly #open: () => Promise<TemporaryStages>;
  #opening: Promise<TemporaryStages> | null = null;
  #opened: TemporaryStages | null = null;

  constructor(open: () => Promise<TemporaryStages>) {
    this.#open = open;
  }

  open(): Promise<TemporaryStages> {
    this.#opening ??= this.#open().then((stages) => {
      this.#opened = stages;
      return stages;
    });
    return this.#opening;
  }

  /** The stages that are in use already; null where there was no temporary chat yet. */
  get opened(): TemporaryStages | null {
    return this.#opened;
  }

  async close(): Promise<void> {
    await (await this.#opening)?.close();
  }
}
