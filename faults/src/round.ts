/** Plays one round: many messages at the same time, one fault in the middle of their answers, then all checks. */
import { EventEmitter, once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { type MessageFacts, violationsOf } from './checks.ts';
import { type FaultKind, type Inflicted, inflict } from './inflict.ts';
import { planAnswer } from './readers/answers.ts';
import {
  type Participant,
  planParticipant,
  playParticipant,
  type RoundContext,
} from './readers/participant.ts';
import { findResumeViolations } from './readers/resumeChecks.ts';
import type { SeededRandom } from './seededRandom.ts';
import { StoredRuns } from './storedRuns.ts';
import { answerOf, type World } from './world.ts';

export interface RoundReport extends Inflicted {
  readonly fault: FaultKind;
  readonly violations: readonly string[];
  readonly runCount: number;
  readonly frameCount: number;
}

/** A round that takes longer hangs, which is a violation. */
const roundLimitMs = 90_000;

export async function playRound(
  world: World,
  plan: {
    readonly name: string;
    readonly fault: FaultKind;
    readonly runCount: number;
    readonly random: SeededRandom;
  },
): Promise<RoundReport> {
  const { fault, random, runCount } = plan;
  const participants = await planRound(world, plan);
  const frames = new EventEmitter();
  let frameCount = 0;
  const over = Promise.withResolvers<void>();
  const context: RoundContext = {
    readerUrl: `http://127.0.0.1:${world.proxy.port}`,
    signal: AbortSignal.timeout(roundLimitMs),
    onFrame() {
      frameCount += 1;
      frames.emit('frame');
    },
    faultIsOver: over.promise,
  };
  const parts = Promise.all(participants.map((participant) => playParticipant(context, participant)));
  // At a number of frames, not at a time, so that a slow machine plays the same rounds.
  const frameOfFault = random.integer(0, runCount * 8);
  const ended = parts.then(() => 'ended' as const);
  while (frameCount < frameOfFault) {
    const next = await Promise.race([once(frames, 'frame').then(() => 'frame' as const), ended]);
    if (next === 'ended') break;
  }
  const textsBefore = new Map(
    participants.map((each) => [each, each.readers.some(({ hasText }) => hasText)]),
  );
  const inflicted = await inflict(fault, world, random).finally(() => over.resolve());
  await parts;
  const violations: string[] = [];
  const stored = new StoredRuns(world.data.path);
  try {
    for (const participant of participants) {
      const hadText = textsBefore.get(participant) ?? false;
      const found = await findViolations(world, stored, participant, inflicted, hadText);
      violations.push(...found.map((violation) => `${participant.model}: ${violation}`));
    }
  } finally {
    stored.close();
  }
  return { ...inflicted, fault, violations, runCount, frameCount };
}

async function planRound(
  world: World,
  {
    name,
    runCount,
    random,
  }: { readonly name: string; readonly runCount: number; readonly random: SeededRandom },
): Promise<Participant[]> {
  const participants: Participant[] = [];
  for (let index = 0; index < runCount; index += 1) {
    // A model id with this prefix is accepted without the provider's list.
    const model = `~faults/${name}/${index}`;
    const answer = planAnswer(random);
    const [last, ...earlier] = [...answer.scripts].reverse();
    if (earlier.length > 0) world.simulator.nextScript(model, ...earlier.reverse());
    if (last) world.simulator.script(model, last);
    const plan = {
      projectId: world.projectId,
      chatId: await world.newChat(),
      model,
      key: `${name}-${index}`,
      answer,
    };
    participants.push(planParticipant(random, plan));
  }
  return participants;
}

async function findViolations(
  world: World,
  stored: StoredRuns,
  participant: Participant,
  { diedAtMs }: Inflicted,
  hadTextBeforeDeath: boolean,
): Promise<string[]> {
  const { projectId, chatId, key, model, readers, runIds, problems, answer } = participant;
  const keyRunIds = stored.runIdsOfKey(chatId, key);
  const detail = await world.chat(chatId);
  const calls = world.simulator.requests.filter((request) => request.model === model);
  const facts: MessageFacts = {
    providerContent: answer.content,
    readers,
    seenRunIds: [...runIds],
    keyRunIds,
    chatRunIds: stored.runIdsOfChat(chatId),
    stored: stored.run(keyRunIds[0] ?? ''),
    message: answerOf(detail),
    isChatActive: detail.activeRun !== null,
    messageCount: stored.messageCount(chatId),
    callCount: calls.length,
    callCountAfterDeath:
      diedAtMs === null ? 0 : calls.filter(({ startedAtMs }) => startedAtMs > diedAtMs).length,
    hadTextBeforeDeath: diedAtMs !== null && hadTextBeforeDeath,
  };
  const chatUrl = `${world.server.url}/api/projects/${projectId}/chats/${chatId}`;
  return [...problems, ...violationsOf(facts), ...(await findResumeViolations(chatUrl, readers))];
}

/** Waits until the server is idle; everything that it still holds then is a leak. */
export async function findLeaks(
  { server, proxy }: World,
  idleCounts: Readonly<Record<string, number>>,
): Promise<string[]> {
  let leaks: string[] = [];
  // Idle connections that clients keep for their next request are not the server's.
  proxy.cut(() => true);
  // Idle connections to the provider close by themselves after some seconds.
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const { counts } = await server.resources();
    leaks = Object.entries(counts)
      .filter(([name, count]) => count > (idleCounts[name] ?? 0))
      .map(
        ([name, count]) => `${count} ${name} while idle, where a fresh server has ${idleCounts[name] ?? 0}`,
      );
    if (leaks.length === 0) return [];
    await setTimeout(500);
  }
  return leaks;
}
