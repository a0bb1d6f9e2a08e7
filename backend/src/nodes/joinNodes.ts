/**
 * Makes this process a node of a Postgres database that it shares with others. Every second it checks the others, and
 * every other second it renews its lease. A node whose lease has expired is fenced, and all nodes together end or
 * restart its runs.
 */
import type { Clock } from '../clock.ts';
import { compareReleases } from '../version.ts';
import { type ControlConnection, ControlLine } from './controlLine.ts';
import { type Announcement, announceFence, fenceNode } from './fenceNode.ts';
import { addressWarning, type ChosenAddress, chooseAddress, type NodeAddress } from './nodeAddress.ts';
import { leaseMs, renewalMs } from './nodeLease.ts';
import {
  deleteOldNodes,
  insertNode,
  listNamesakes,
  lookAround,
  type NodeIdentity,
  readAddresses,
  renew,
  retireNode,
  storeAddress,
} from './nodeRows.ts';
import { OutageGrace } from './outageGrace.ts';
import type { NodeWatch, OwnNode } from './ownNode.ts';

export interface NodeOptions extends NodeIdentity {
  /** Where the operator says that other nodes reach this one. */
  readonly nodeAddress: ChosenAddress | null;
  /** Opens a connection that is used for nothing else. */
  readonly connect: () => Promise<ControlConnection>;
  readonly clock: Clock;
  readonly logger: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

/** Time between two looks at the other nodes, in milliseconds. */
const lookMs = 1000;
const maintenanceMs = 30_000;
/** Time between two checks of this node's open runs. */
const leftMs = 5000;
const takenForDead = 'Another node took this one for dead, because it had not renewed its lease in time.';
/** Our key among the database's advisory locks: "rill" in ASCII, then a number. */
const maintainerLock = '1919511660, 1';

/** Resolves once the other nodes can see this one. Earlier starts of a node with this name are fenced before that. */
export async function joinNodes(options: NodeOptions): Promise<OwnNode> {
  const node = new JoinedNode(options);
  try {
    await node.join();
  } catch (error) {
    await node.retire();
    throw error;
  }
  return node;
}

class JoinedNode implements OwnNode {
  readonly #options: NodeOptions;
  readonly #line: ControlLine;
  readonly #grace = new OutageGrace(leaseMs);
  #watch: NodeWatch | undefined;
  #isMaintainer = false;
  #renewedAtMs = Number.NEGATIVE_INFINITY;
  #maintainedAtMs = Number.NEGATIVE_INFINITY;
  #lookedForLeftAtMs = Number.NEGATIVE_INFINITY;
  #hasFailed = false;
  #isOver = false;
  #isOutdated = false;
  #isRecovering = false;
  /** Not stored yet. */
  #address: NodeAddress | null = null;
  #cancelTimer: () => void = () => undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#line = new ControlLine(options.connect, () => this.#grace.failed());
  }

  get isMaintainer(): boolean {
    return this.#isMaintainer && this.#line.isOpen;
  }

  async join(): Promise<void> {
    const { bootId, clock, name } = this.#options;
    for (const earlier of name === null ? [] : await listNamesakes(this.#line, name))
      await this.#fence(earlier, 'any');
    const askedMs = clock.elapsedMs();
    this.#renewed(askedMs, await insertNode(this.#line, this.#options));
    this.#options.logger.info({ bootId, name }, 'joined the nodes of the database');
  }

  listensAt(address: Parameters<OwnNode['listensAt']>[0]): void {
    this.#address = chooseAddress(address, this.#options.nodeAddress);
  }

  watch(watch: NodeWatch): void {
    this.#watch = watch;
    const plan = (): void => {
      if (this.#isOver) return;
      this.#cancelTimer = this.#options.clock.schedule(lookMs, () => {
        this.#turn = this.#takeTurn(watch).then(plan);
      });
    };
    plan();
  }

  async retire(): Promise<void> {
    this.#isOver = true;
    this.#cancelTimer();
    await this.#turn;
    try {
      await retireNode(this.#line, this.#options.bootId);
    } catch (error) {
      // The lease ends by itself.
      this.#options.logger.warn({ err: error }, 'the other nodes were not told that this one ends');
    }
    await this.#line.close();
  }

  /** Never rejects. */
  async #takeTurn(watch: NodeWatch): Promise<void> {
    try {
      if (this.#options.clock.elapsedMs() - this.#renewedAtMs >= renewalMs) await this.#renew(watch);
      if (!this.#isOver) await this.#tellAddress();
      if (!this.#isOver) await this.#look(watch);
      if (!this.#isOver) await this.#maintain(watch);
      if (this.#hasFailed) this.#options.logger.info({}, 'the database answers again');
      this.#hasFailed = false;
    } catch (error) {
      this.#grace.failed();
      this.#isMaintainer = false;
      this.#line.drop();
      if (!this.#hasFailed)
        this.#options.logger.warn({ err: error }, 'the lease of this node was not renewed');
      this.#hasFailed = true;
    }
  }

  async #tellAddress(): Promise<void> {
    if (!this.#address) return;
    const { bootId, logger } = this.#options;
    await storeAddress(this.#line, bootId, this.#address);
    this.#address = null;
    const warning = addressWarning(await readAddresses(this.#line, bootId));
    if (warning !== null) logger.warn({}, warning);
  }

  reportFenced(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer();
    this.#watch?.onFenced(takenForDead);
  }

  async #renew(watch: NodeWatch): Promise<void> {
    const { bootId, clock } = this.#options;
    const askedMs = clock.elapsedMs();
    const { isAlive, fencedBy, oldestRelease, nowMs } = await renew(this.#line, bootId);
    this.#renewed(askedMs, nowMs);
    if (isAlive) return this.#compare(oldestRelease, watch);
    this.#isOver = true;
    watch.onFenced(
      fencedBy !== null && fencedBy === this.#options.name
        ? `Another process was started with the same RILL_NODE_NAME, ${fencedBy}, and took over.`
        : takenForDead,
    );
  }

  #renewed(askedMs: number, sharedMs: number): void {
    const { clock } = this.#options;
    const answeredMs = clock.elapsedMs();
    this.#grace.renewed(askedMs, answeredMs);
    this.#renewedAtMs = askedMs;
    clock.follow?.({ askedMs, answeredMs, sharedMs });
  }

  /** The lease is renewed all the same, so that the answers of this node can end. */
  #compare(oldestRelease: string, watch: NodeWatch): void {
    const { version } = this.#options;
    if (this.#isOutdated || compareReleases(version, oldestRelease) >= 0) return;
    this.#isOutdated = true;
    watch.onOutdated(
      `A newer version of Rill has changed this database, which needs at least ${oldestRelease} now, while this is ${version}.`,
    );
  }

  async #look(watch: NodeWatch): Promise<void> {
    const { bootId, clock } = this.#options;
    const askedMs = clock.elapsedMs();
    const { over, hasOpenRuns } = await lookAround(this.#line, bootId, this.#grace.allowsFencing(askedMs));
    this.#grace.answered(askedMs, clock.elapsedMs());
    if (hasOpenRuns) this.#recover(watch);
    else this.#endLeft(watch);
    // One per turn, so that this node's lease is renewed in between.
    const [first] = over;
    if (first === undefined) return;
    const mayAnnounce = this.#grace.allowsFencing(clock.elapsedMs());
    if (await this.#fence(first, mayAnnounce ? 'expired' : 'none')) this.#recover(watch);
  }

  /** True when the node is fenced now. */
  async #fence(bootId: string, announcement: Announcement): Promise<boolean> {
    if (!(await announceFence(this.#line, bootId, announcement))) return false;
    const isOurs = await fenceNode(this.#line, bootId, this.#options.bootId);
    if (isOurs) this.#options.logger.warn({ fencedBootId: bootId }, 'fenced a node that is gone');
    return true;
  }

  #recover(watch: NodeWatch): void {
    this.#alone(() => watch.recover());
  }

  #endLeft(watch: NodeWatch): void {
    const { clock } = this.#options;
    if (this.#isRecovering || clock.elapsedMs() - this.#lookedForLeftAtMs < leftMs) return;
    this.#lookedForLeftAtMs = clock.elapsedMs();
    this.#alone(() => watch.endLeft());
  }

  /** One at a time: a run that is being claimed is open, but not executed yet. */
  #alone(work: () => Promise<void>): void {
    if (this.#isRecovering) return;
    this.#isRecovering = true;
    void work().finally(() => {
      this.#isRecovering = false;
    });
  }

  async #maintain(watch: NodeWatch): Promise<void> {
    const { clock } = this.#options;
    if (!this.isMaintainer) {
      const [row] = await this.#line.query<{ isOurs: boolean }>(
        `SELECT pg_try_advisory_lock(${maintainerLock}) AS "isOurs"`,
      );
      this.#isMaintainer = row?.isOurs ?? false;
    }
    if (!this.#isMaintainer || clock.elapsedMs() - this.#maintainedAtMs < maintenanceMs) return;
    this.#maintainedAtMs = clock.elapsedMs();
    await deleteOldNodes(this.#line);
    void watch.maintain();
  }
}
