/** Makes complete, valid entities for tests and for the reference run; every field can be replaced. */
import type { Chat, Message, Project, Run, Usage } from '../src/entities/entities.ts';

export const sampleIds = {
  projectId: '0199a1b2-0000-7000-8000-000000000020',
  chatId: '0199a1b2-0000-7000-8000-000000000010',
  userMessageId: '0199a1b2-0000-7000-8000-000000000002',
  messageId: '0199a1b2-0000-7000-8000-000000000003',
  runId: '0199a1b2-0000-7000-8000-000000000001',
} as const;

export function sampleMessage(fields: Partial<Message> = {}): Message {
  return {
    id: sampleIds.messageId,
    chatId: sampleIds.chatId,
    parentId: sampleIds.userMessageId,
    role: 'assistant',
    status: 'streaming',
    content: '',
    reasoning: '',
    refusal: null,
    annotations: [],
    images: [],
    toolCalls: [],
    runId: sampleIds.runId,
    model: 'demo/echo',
    provider: null,
    finishReason: null,
    error: null,
    usage: null,
    timings: null,
    createdAtMs: 1_790_000_000_000,
    ...fields,
  };
}

export function sampleUserMessage(content = 'Hello'): Message {
  return sampleMessage({
    id: sampleIds.userMessageId,
    parentId: null,
    role: 'user',
    status: 'completed',
    content,
    runId: null,
    model: null,
  });
}

export function sampleRun(fields: Partial<Run> = {}): Run {
  return {
    id: sampleIds.runId,
    chatId: sampleIds.chatId,
    projectId: sampleIds.projectId,
    messageId: sampleIds.messageId,
    state: 'accepted',
    model: 'demo/echo',
    context: null,
    error: null,
    cancelRequestedAtMs: null,
    createdAtMs: 1_790_000_000_000,
    endedAtMs: null,
    ...fields,
  };
}

export function sampleUsage(fields: Partial<Usage> = {}): Usage {
  return {
    promptTokens: 12,
    completionTokens: 5,
    reasoningTokens: null,
    cachedTokens: null,
    costUsd: 0.000_01,
    estimated: false,
    ...fields,
  };
}

export function sampleProject(fields: Partial<Project> = {}): Project {
  return {
    id: sampleIds.projectId,
    name: 'Travels',
    systemPrompt: null,
    defaultModel: null,
    options: null,
    timeouts: null,
    createdAtMs: 1_790_000_000_000,
    updatedAtMs: 1_790_000_000_000,
    ...fields,
  };
}

export function sampleChat(fields: Partial<Chat> = {}): Chat {
  return {
    id: sampleIds.chatId,
    projectId: sampleIds.projectId,
    title: 'The sea',
    model: null,
    activeLeafId: null,
    titleReceipt: null,
    activeRunId: null,
    pinnedAtMs: null,
    archivedAtMs: null,
    deletedAtMs: null,
    unread: null,
    createdAtMs: 1_790_000_000_000,
    updatedAtMs: 1_790_000_000_000,
    ...fields,
  };
}
