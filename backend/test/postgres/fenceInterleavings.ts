/**
 * Interleaves what processes do to the log with fences, faults and readers, as a seed decides, and judges by what is in the
 * log. A saboteur changes the log, to show that what it breaks is noticed.
 */
import { setImmediate } from 'node:timers/promises';
import { v7 as newId } from 'uuid';
import type { RunLease } from '../../src/database/runLease.ts';
import { type EventLog, type LogRecord, toRecord } from '../../src/log/eventLog.ts';
import type { LogStatements } from '../../src/log/postgres/logStatements.ts';
import type { FenceStage, FenceWorld, Gate, StoredEvent } from './fenceWorld.ts';
import { type NodeLog, openNodeLog } from './nodeLog.ts';
import { openPostgresLine } from './postgresLine.ts';

export interface Saboteur {
  /** What the log does, as in "a log that …". */
  readonly does: string;
  readonly statements?: LogStatements;
  /** False for sends that do not look whether their process is fenced. */
  readonly sendsUnderLock?: boolean;
  readonly wrap?: (log: EventLog, stage: FenceStage) => EventLog;
}

export interface Interleaving {
  readonly world: FenceWorld;
  readonly stage: FenceStage;
  readonly random: Random;
  readonly saboteur?: Saboteur | undefined;
}

/** Gives numbers that follow from a seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * limit);
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0];
  }
}

const scenarios = [
  fenceAtGates,
  fenceAtGates,
  fenceAtGates,
  fenceAtGates,
  fenceWhileWaiting,
  fenceWhileWaiting,
  claimOwn,
  follow,
  repeatInDoubt,
  send,
] as const;

/** Resolves with what was violated; empty when nothing was. */
export async function interleave(interleaving: Interleaving): Promise<string[]> {
  return interleaving.random.pick(scenarios)(interleaving);
}

/** An append is held at a gate, or none is; then the fence comes, and perhaps a fault before it. */
async function fenceAtGates(interleaving: Interleaving): Promise<string[]> {
  const { stage, random } = interleaving;
  const scene = await openScene(interleaving, 2);
  const [first] = scene.leases;
  const gate: Gate | null = random.pick(['row', 'commit', null]);
  const openGate = gate && first ? await stage.closeGate(gate, first.runId) : null;
  const pumps = scene.pump(2 + random.below(5), random.pick([0, 0, 3]));
  const ackCount = random.below(4);
  await until(async () => {
    if (pumps.isDone) return true;
    return gate && first ? stage.isAtGate(gate, first.runId) : scene.acked.length >= ackCount;
  });
  const fault = random.pick(['none', 'none', 'kill', 'cut'] as const);
  if (fault === 'kill') await stage.kill(scene.node.bootId);
  if (fault === 'cut') scene.line.cut();
  const isOpenedFirst = random.below(3) === 0;
  if (isOpenedFirst) await openGate?.();
  const fencing = settled(stage.fence(scene.node.bootId));
  if (!isOpenedFirst && openGate) {
    await until(async () => fencing.isDone || stage.isWaiting(stage.fencerName));
    if (!fencing.isDone) await openGate();
  }
  await fencing.done;
  const seen = await stage.read(scene.runIds);
  // A fence that waited for nothing leaves it closed.
  if (!isOpenedFirst) await openGate?.();
  await pumps.done;
  return scene.judge(seen);
}

/** Appends come while a fence is about to be committed; or it is rolled back, and another one follows. */
async function fenceWhileWaiting(interleaving: Interleaving): Promise<string[]> {
  const { stage, random } = interleaving;
  const scene = await openScene(interleaving, 2);
  const endFence = await stage.beginFence(scene.node.bootId);
  const pumps = scene.pump(2 + random.below(4), 0);
  await until(async () => pumps.isDone || stage.isWaiting(`rill ${scene.node.bootId}`));
  const isCommitted = random.below(2) === 0;
  if (random.below(3) === 0) scene.line.cut();
  await endFence(isCommitted);
  if (!isCommitted) {
    await until(async () => pumps.isDone || scene.acked.length > 0);
    await stage.fence(scene.node.bootId);
  }
  const seen = await stage.read(scene.runIds);
  await pumps.done;
  return scene.judge(seen);
}

/** The process itself claims its run under the next epoch; what it still sends under the last one is refused. */
async function claimOwn(interleaving: Interleaving): Promise<string[]> {
  const { stage } = interleaving;
  const scene = await openScene(interleaving, 2);
  await scene.pump(2, 0).done;
  await stage.query('UPDATE runs SET epoch = epoch + 1 WHERE id = ANY ($1)', [scene.runIds]);
  const seen = await stage.read(scene.runIds);
  await scene.pump(1, 0).done;
  return scene.judge(seen);
}

/** A reader follows runs of two processes, one of which is held before its commit while the other one commits. */
async function follow(interleaving: Interleaving): Promise<string[]> {
  const { stage } = interleaving;
  const [held, other] = [await openScene(interleaving, 1), await openScene(interleaving, 1)];
  const leases = [...held.leases, ...other.leases];
  const seqs = new Map(leases.map(({ runId }) => [runId, 0]));
  const violations: string[] = [];
  const poll = async () => {
    const positions = [...seqs].map(([runId, seq]) => ({ runId, seq }));
    for (const { cursor } of await held.log.readAfter(positions, 200)) {
      const last = seqs.get(cursor.runId) ?? 0;
      if (cursor.seq !== last + 1) violations.push(`a reader got ${cursor.seq} after ${last}`);
      seqs.set(cursor.runId, cursor.seq);
    }
  };
  await other.pump(1, 0).done;
  await poll();
  const [first] = held.leases;
  const openGate = await stage.closeGate('commit', first?.runId ?? '');
  const pumps = held.pump(2, 0);
  await until(() => stage.isAtGate('commit', first?.runId ?? ''));
  await other.pump(2, 0).done;
  await poll();
  await openGate();
  await pumps.done;
  await poll();
  const seen = await stage.read(leases.map(({ runId }) => runId));
  for (const { runId } of leases) {
    const stored = seen.filter(({ run_id }) => run_id === runId).length;
    if (seqs.get(runId) !== stored) violations.push(`a reader missed events of a run with ${stored}`);
  }
  return [...violations, ...(await held.judge(null)), ...(await other.judge(null))];
}

/** A run that is being stored is known to the one who fences, or is never stored. */
async function send(interleaving: Interleaving): Promise<string[]> {
  const { world, stage, random, saboteur } = interleaving;
  const scene = await openScene(interleaving, 1);
  const { bootId } = scene.node;
  const runId = newId();
  const openGate = await stage.closeGate(random.pick(['row', 'commit']), runId);
  const isFencedFirst = random.below(4) === 0;
  if (isFencedFirst) await stage.fence(bootId);
  const sending = settled(
    world.database.transaction(async (transaction) => {
      const mayWrite =
        saboteur?.sendsUnderLock === false || (await world.database.locks.node(transaction, bootId));
      if (!mayWrite) throw new Error('This process start is fenced.');
      await world.insertRun(transaction, bootId, runId);
      await scene.log.appendWithin(transaction, [eventOf(runId, 1, 'start')]);
    }),
  );
  const isAtGate = async () => (await stage.isAtGate('row', runId)) || stage.isAtGate('commit', runId);
  await until(async () => sending.isDone || isAtGate());
  const fencing = settled(isFencedFirst ? Promise.resolve() : stage.fence(bootId));
  await until(async () => fencing.isDone || stage.isWaiting(stage.fencerName));
  if (!fencing.isDone) await openGate();
  await fencing.done;
  const openRuns = () => stage.query('SELECT id FROM runs WHERE boot_id = $1 AND id = $2', [bootId, runId]);
  const isKnown = (await openRuns()).rows.length > 0;
  await openGate();
  await sending.done.catch(() => undefined);
  const isStored = (await openRuns()).rows.length > 0;
  const missed = isStored && !isKnown ? ['a run was stored that the fence did not see'] : [];
  return [...missed, ...(await scene.judge(null))];
}

/** An append whose seq is taken by another event loses its connection before it is refused. */
async function repeatInDoubt(interleaving: Interleaving): Promise<string[]> {
  const { stage, random } = interleaving;
  const scene = await openScene(interleaving, 2);
  await scene.pump(1, 0).done;
  const [first] = scene.leases;
  const openGate = await stage.closeGate('row', first?.runId ?? '');
  const pumps = scene.pumpAgain('another text');
  await until(async () => pumps.isDone || stage.isAtGate('row', first?.runId ?? ''));
  if (random.below(2) === 0) scene.line.cut();
  else await stage.kill(scene.node.bootId);
  await openGate();
  await pumps.done;
  return scene.judge(null);
}

interface Watched {
  readonly isDone: boolean;
  readonly done: Promise<unknown>;
}

/** One process start with runs that it executes, and all that it was told to be stored. */
interface Scene {
  readonly node: NodeLog;
  readonly log: EventLog;
  readonly line: Awaited<ReturnType<typeof openPostgresLine>>;
  readonly leases: readonly RunLease[];
  readonly runIds: readonly string[];
  readonly acked: readonly StoredEvent[];
  /** Appends this many more events to each run, one after another; each third has other writes where `attached` is 3. */
  pump(count: number, attached: number): Watched;
  /** Appends another event under the first seq of each run. */
  pumpAgain(text: string): Watched;
  /** Ends the process start, and says what is wrong; nothing may be stored that `seen` has not. */
  judge(seen: readonly StoredEvent[] | null): Promise<string[]>;
}

async function openScene({ world, stage, saboteur }: Interleaving, runCount: number): Promise<Scene> {
  const line = await openPostgresLine(world.url);
  const changes = saboteur?.statements ? { statements: saboteur.statements } : {};
  const open = () => openNodeLog({ database: world.database, url: line.url }, changes);
  // On a machine that stands still for seconds a connection does not come in time.
  const node = await open().catch(open);
  const log = saboteur?.wrap?.(node.log, stage) ?? node.log;
  const leases = await world.newRuns(node.bootId, runCount);
  const runIds = leases.map(({ runId }) => runId);
  const acked: StoredEvent[] = [];
  const next = new Map(leases.map(({ runId }) => [runId, 1]));
  const appendTo = async (lease: RunLease, count: number, attached: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      const seq = next.get(lease.runId) ?? 1;
      await append(lease, eventOf(lease.runId, seq, `${seq}`), attached > 0 && seq % attached === 0);
      next.set(lease.runId, seq + 1);
    }
  };
  const append = async (lease: RunLease, record: LogRecord, hasAttached: boolean): Promise<void> => {
    await log.append(lease, [record], hasAttached ? () => Promise.resolve() : undefined);
    acked.push({ run_id: lease.runId, seq: record.cursor.seq, data: record.dataJson });
  };
  return {
    node,
    log,
    line,
    leases,
    runIds,
    acked,
    pump: (count, attached) =>
      settled(Promise.allSettled(leases.map((lease) => appendTo(lease, count, attached)))),
    pumpAgain: (text) =>
      settled(Promise.allSettled(leases.map((lease) => append(lease, eventOf(lease.runId, 1, text), false)))),
    async judge(seen) {
      await node.log.close();
      // What was sent on a line that was cut may still be executed.
      await until(async () => !(await stage.isActive(node.bootId)));
      await line.close();
      return violationsOf(seen, acked, await stage.read(runIds));
    },
  };
}

function violationsOf(
  seen: readonly StoredEvent[] | null,
  acked: readonly StoredEvent[],
  stored: readonly StoredEvent[],
): string[] {
  const isIn = (events: readonly StoredEvent[], event: StoredEvent) =>
    events.some(
      ({ run_id, seq, data }) => run_id === event.run_id && seq === event.seq && data === event.data,
    );
  const late = seen ? stored.filter((event) => !isIn(seen, event)) : [];
  const lost = acked.filter((event) => !isIn(stored, event));
  const gaps = Object.values(Object.groupBy(stored, ({ run_id }) => run_id)).filter((events = []) =>
    events.some(({ seq }, index) => seq !== index + 1),
  );
  return [
    ...late.map(({ seq }) => `event ${seq} was stored after the fence was read`),
    ...lost.map(({ seq }) => `event ${seq} was reported as stored and is not`),
    ...gaps.map(() => 'a run has a gap'),
  ];
}

function eventOf(runId: string, seq: number, content: string): LogRecord {
  const cursor = { runId, seq, contentLength: seq, reasoningLength: 0 };
  return toRecord({ cursor, event: { type: 'chunk', data: { content, done: false } } });
}

function settled(work: Promise<unknown>): Watched {
  const state = { isDone: false };
  const done = work.finally(() => {
    state.isDone = true;
  });
  // Awaited later; a rejection before that is none that is not handled.
  done.catch(() => undefined);
  return {
    done,
    get isDone() {
      return state.isDone;
    },
  };
}

/** Asks the database again and again; each question takes its time. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setImmediate();
}
