/** Defines what exports need from the server. */
import type { ChatDetail } from '@rill/protocol';

interface ChatName {
  readonly projectId: string;
  readonly chatId: string;
}

export interface ExportServer {
  /** Address of everything as one zip file. */
  readonly archiveUrl: string;
  chatExportUrl(request: ChatName & { readonly format: 'markdown' | 'json' }): string;
  getChat(request: ChatName): Promise<ChatDetail>;
  readFile(request: { readonly fileId: string }): Promise<Blob>;
}
