/** Opens the stages of temporary chats with the first one, because most servers never have any. */
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
  /** Makes ids that say that this process keeps what they name. */
  readonly newId: () => string;
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

  /** Stages that could not be opened, as with too many files open, are opened again by the next call. */
  open(): Promise<TemporaryStages> {
    this.#opening ??= this.#open().then(
      (stages) => {
        this.#opened = stages;
        return stages;
      },
      (error: unknown) => {
        this.#opening = null;
        throw error;
      },
    );
    return this.#opening;
  }

  /** The stages that are in use already; null where there was no temporary chat yet. */
  get opened(): TemporaryStages | null {
    return this.#opened;
  }

  async close(): Promise<void> {
    // Stages that could not be opened have nothing to close.
    await (await this.#opening?.catch(() => null))?.close();
  }
}
