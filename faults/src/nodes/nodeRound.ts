/** Plays one round on several nodes: messages and readers everywhere, one fault in the middle, then all checks. */
import { EventEmitter, once } from 'node:events';
import type { ChatDetail } from '@rill/protocol';
import { violationsOf } from '../checks.ts';
import { planAnswer } from '../readers/answers.ts';
import {
  type Participant,
  planParticipant,
  playParticipant,
  type RoundContext,
} from '../readers/participant.ts';
import { findResumeViolations } from '../readers/resumeChecks.ts';
import type { SeededRandom } from '../seededRandom.ts';
import { answerOf } from '../world.ts';
import { cancelViolations, type FaultTimes } from './checks/cancelChecks.ts';
import { type Loss, lossOf } from './checks/lossChecks.ts';
import {
  endViolations,
  leftoverViolations,
  nodeViolations,
  type Owners,
  readOwners,
} from './checks/nodeChecks.ts';
import { RoundWatch } from './checks/roundWatch.ts';
import { readStoredFacts, type StoredFacts } from './checks/storedFacts.ts';
import { type RoundTimes, timeViolations } from './checks/timeChecks.ts';
import type { Cluster } from './cluster.ts';
import type { Harm, NodeFault } from './nodeFault.ts';
import { RoundLimit } from './roundLimit.ts';

export interface NodeRoundReport {
  readonly fault: string;
  readonly violations: readonly string[];
  readonly frameCount: number;
  /** Frames that were searched for in the log, the highest count of open answers, and changes in the feed. */
  readonly checkedCount: number;
  readonly mostOpen: number;
  readonly changeCount: number;
  /** Acknowledged sends that a fail-over lost. */
  readonly lostSendCount: number;
  readonly recoveryMs: number | null;
  readonly trace: readonly string[];
}

interface RoundPlan {
  readonly name: string;
  readonly fault: NodeFault;
  /** As in `FaultContext`. */
  readonly turn: number;
  readonly runCount: number;
  readonly random: SeededRandom;
}

/** A round that takes longer before its fault, or after it, hangs, which is a violation. */
const roundLimitMs = 120_000;
/** Tokens per second: some answers outlast a lease. */
const paces = [0, 40, 100, 300];

export async function playNodeRound(cluster: Cluster, plan: RoundPlan): Promise<NodeRoundReport> {
  const { fault, turn, random, runCount } = plan;
  const trace: string[] = [];
  const beganAtMs = Date.now();
  const startedAtMs = performance.now();
  const note = (line: string) =>
    void trace.push(`${((performance.now() - startedAtMs) / 1000).toFixed(2)} s: ${line}`);
  await cluster.useHints(fault.hints ?? 'postgres');
  const participants = await planRound(cluster, plan);
  const frames = new EventEmitter();
  const count = { frames: 0 };
  const over = Promise.withResolvers<void>();
  const watch = new RoundWatch(cluster);
  const limit = new RoundLimit(roundLimitMs);
  const context: RoundContext = {
    readerUrl: `http://127.0.0.1:${cluster.proxy.port}`,
    signal: limit.signal,
    onFrame(cursor) {
      count.frames += 1;
      watch.show(cursor);
      frames.emit('frame');
    },
    faultIsOver: over.promise,
  };
  try {
    const parts = Promise.all(participants.map((participant) => playParticipant(context, participant)));
    // At a number of frames, not at a time, so that a slow machine plays the same rounds.
    const frameOfFault = random.integer(0, runCount * 8);
    const ended = parts.then(() => 'ended' as const);
    while (count.frames < frameOfFault) {
      const next = await Promise.race([once(frames, 'frame').then(() => 'frame' as const), ended]);
      if (next === 'ended') break;
    }
    const owners = await readOwners(cluster);
    const hadText = new Set(participants.filter(({ readers }) => readers.some((each) => each.hasText)));
    const brokeAtMs = Date.now();
    note(`${fault.name} at frame ${count.frames}, ${owners.size} runs open`);
    limit.stop();
    const harm = await fault.inflict(cluster, { random, turn, note }).finally(() => over.resolve());
    limit.restart();
    const overAtMs = Date.now();
    note('the fault is over');
    const violations = [...(harm.violations ?? []), ...(await nodeViolations(cluster, harm))];
    for (const { server } of cluster.nodes) if (!server.isRunning) await server.start();
    await parts;
    note('all readers have the end');
    violations.push(...(await leftoverViolations(cluster)));
    const chatIds = participants.map(({ chatId }) => chatId);
    const stored = await readStoredFacts(cluster, chatIds);
    violations.push(
      ...(await watch.end(
        harm,
        chatIds.flatMap((chatId) => stored.runIdsOfChat(chatId)),
      )),
    );
    const times = { startedAtMs: beganAtMs, endedAtMs: Date.now() };
    const facts = { stored, owners, harm, brokeAtMs, overAtMs, times };
    const lost = { sendCount: 0 };
    for (const participant of participants) {
      const { losesCommits } = harm;
      const loss = losesCommits && (await lossViolations(cluster, participant, stored, losesCommits));
      if (loss?.isSendLost) lost.sendCount += 1;
      const found =
        loss?.violations ??
        (await participantViolations(cluster, participant, { ...facts, hadText: hadText.has(participant) }));
      violations.push(...found.map((violation) => `${participant.model}: ${violation}`));
    }
    if (harm.losesCommits) note(`${lost.sendCount} acknowledged sends are lost`);
    const { recoveryMs = null } = harm;
    const figures = { ...watch.figures, frameCount: count.frames, lostSendCount: lost.sendCount };
    return { fault: fault.name, violations, ...figures, recoveryMs, trace };
  } finally {
    limit.stop();
    await watch.close();
  }
}

async function planRound(cluster: Cluster, { name, runCount, random }: RoundPlan): Promise<Participant[]> {
  const participants: Participant[] = [];
  for (let index = 0; index < runCount; index += 1) {
    // A model id with this prefix is accepted without the provider's list.
    const model = `~faults/${name}/${index}`;
    const answer = planAnswer(random, paces);
    const [last, ...earlier] = [...answer.scripts].reverse();
    if (earlier.length > 0) cluster.simulator.nextScript(model, ...earlier.reverse());
    if (last) cluster.simulator.script(model, last);
    const { projectId } = cluster;
    const plan = { projectId, chatId: await cluster.newChat(), model, key: `${name}-${index}`, answer };
    participants.push(planParticipant(random, plan));
  }
  return participants;
}

async function participantViolations(
  cluster: Cluster,
  participant: Participant,
  facts: FaultTimes & {
    readonly stored: StoredFacts;
    readonly owners: Owners;
    readonly harm: Harm;
    readonly hadText: boolean;
    readonly times: RoundTimes;
  },
): Promise<string[]> {
  const { chatId, key, model, readers, runIds, problems, answer, projectId } = participant;
  const { stored, brokeAtMs, hadText } = facts;
  const keyRunIds = stored.runIdsOfKey(chatId, key);
  const run = stored.run(keyRunIds[0] ?? '');
  const details = await cluster.chatEverywhere(chatId);
  const [detail] = details;
  const message = detail ? answerOf(detail) : null;
  const calls = cluster.simulator.requests.filter((request) => request.model === model);
  const found = violationsOf({
    providerContent: answer.content,
    readers,
    seenRunIds: [...runIds],
    keyRunIds,
    chatRunIds: stored.runIdsOfChat(chatId),
    stored: run,
    message,
    isChatActive: details.some(({ activeRun }) => activeRun !== null),
    messageCount: stored.messageCount(chatId),
    callCount: calls.length,
    callCountAfterDeath: calls.filter(({ startedAtMs }) => startedAtMs > brokeAtMs).length,
    hadTextBeforeDeath: hadText,
  });
  const origin = `http://127.0.0.1:${cluster.proxy.port}`;
  return [
    ...problems,
    ...found,
    ...endViolations(participant, message, run, facts),
    ...cancelViolations(participant, run, calls, facts),
    ...timeViolations(detail?.messages ?? [], run, facts.times),
    ...(areEqual(details) ? [] : ['nodes have different answers']),
    ...(await findResumeViolations(`${origin}/api/projects/${projectId}/chats/${chatId}`, readers)),
  ];
}

/** The violations after lost commits: only what is left is checked. */
async function lossViolations(
  cluster: Cluster,
  participant: Participant,
  stored: StoredFacts,
  losesCommits: NonNullable<Harm['losesCommits']>,
): Promise<Loss> {
  const { chatId, key } = participant;
  const run = stored.run(stored.runIdsOfKey(chatId, key)[0] ?? '');
  // A whole chat may be lost.
  const message = run && answerOf((await cluster.chatEverywhere(chatId))[0] ?? { messages: [] });
  return lossOf(participant, message, run, losesCommits);
}

const areEqual = (details: readonly ChatDetail[]): boolean =>
  new Set(details.map(({ messages }) => JSON.stringify(messages))).size === 1;
