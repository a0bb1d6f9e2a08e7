/** Defines what `rill export` and `rill import` need from the data, whether a server or a folder holds it. */
import type { RillClient } from '@rill/client/source';

export type DataExchange = Pick<
  RillClient,
  'createImport' | 'startImport' | 'getImport' | 'getImportReport'
> & {
  exportArchive(): Promise<AsyncIterable<Uint8Array>>;
  /** Releases its resources. Work in progress continues at the next start. */
  close(): Promise<void>;
};
