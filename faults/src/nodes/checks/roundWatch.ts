/** Watches a round while it is played: the shown text, the open answers, and the feed. */
import type { Cursor } from '@rill/protocol';
import { FeedReader } from '../../readers/feedReader.ts';
import type { Cluster } from '../cluster.ts';
import type { Harm } from '../nodeFault.ts';
import { feedEndViolations, feedViolations } from './feedChecks.ts';
import { OpenRunSamples } from './openRunSamples.ts';
import { ShownSamples } from './shownSamples.ts';

/** Readers of the feed; each reads from another node after each break. */
const feedReaderCount = 3;

export class RoundWatch {
  readonly #cluster: Cluster;
  readonly #shown: ShownSamples;
  readonly #openRuns: OpenRunSamples;
  readonly #feeds: readonly FeedReader[];

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#shown = new ShownSamples(cluster);
    this.#openRuns = new OpenRunSamples(cluster);
    const url = `http://127.0.0.1:${cluster.proxy.port}/api/events`;
    this.#feeds = Array.from({ length: feedReaderCount }, () => new FeedReader(url));
  }

  show(cursor: Cursor): void {
    this.#shown.add(cursor);
  }

  get figures(): { readonly checkedCount: number; readonly mostOpen: number; readonly changeCount: number } {
    const changeCount = this.#feeds.reduce((sum, { told }) => sum + told.length, 0);
    return { checkedCount: this.#shown.checkedCount, mostOpen: this.#openRuns.most, changeCount };
  }

  /** Resolves with the violations seen, when every answer has ended. */
  async end({ losesCommits }: Harm, runIds: readonly string[]): Promise<readonly string[]> {
    const unstored = await this.#shown.end();
    const tooMany = await this.#openRuns.end();
    const ofFeed = await feedViolations(this.#cluster, this.#feeds);
    if (losesCommits) return [...tooMany, ...ofFeed];
    return [...unstored, ...tooMany, ...ofFeed, ...(await feedEndViolations(this.#cluster, runIds))];
  }

  /** Stops watching, whatever was seen. */
  async close(): Promise<void> {
    await Promise.all([this.#shown.end(), this.#openRuns.end(), ...this.#feeds.map((feed) => feed.stop())]);
  }
}
