/** Defines what `rill export` and `rill import` need of the data, wherever it is. */
import type { RillClient } from '@rill/client/source';

export type DataExchange = Pick<
  RillClient,
  'createImport' | 'startImport' | 'getImport' | 'getImportReport'
> & {
  exportArchive(): Promise<AsyncIterable<Uint8Array>>;
  /** Releases what it holds. Work in progress continues at the next start. */
  close(): Promise<void>;
};
