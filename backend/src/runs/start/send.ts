/** Defines the input of a send, and the result of starting its run. */

import type { ContextReport, Message, QueuedMessage, Run, SendMessage } from '@rill/protocol';
import type { ContextMessage } from '../../context/buildContext.ts';
import type { RunLease } from '../../database/runLease.ts';
import type { LiveRunSource } from '../../delivery/liveRunSource.ts';
import type { RunDependencies } from '../runDependencies.ts';
import type { RunTimeouts } from './resolveTimeouts.ts';

export interface SendRequest {
  readonly ownerId: string;
  readonly projectId: string;
  readonly chatId: string;
  readonly body: SendMessage;
  /** From `Idempotency-Key` or `clientMessageId`; null when the client sent none. */
  readonly sendKey: string | null;
  /** The waiting message that is sent; it leaves its queue with the send. */
  readonly queued?: Pick<QueuedMessage, 'id' | 'content'>;
}

/** A stored run, with what is needed to execute it. */
export interface StartedRun {
  readonly kind: 'started';
  readonly lease: RunLease;
  readonly ownerId: string;
  readonly run: Run;
  /** The empty answer that the run fills. */
  readonly answer: Message;
  readonly live: LiveRunSource;
  /** Aborts when the run is cancelled or interrupted, or times out. */
  readonly signal: AbortSignal;
  readonly context: readonly ContextMessage[];
  readonly report: ContextReport;
  readonly maxTokens: number;
  /** What it may cost, in US dollars; null when no budget limits it. */
  readonly allowedUsd: number | null;
  readonly timeouts: RunTimeouts;
  readonly options: SendMessage['options'];
  readonly webSearch: boolean;
  /** The truncated answer that this run continues; '' when it continues none. */
  readonly continuedText: string;
  /** Provider calls that an earlier process made for the run; 0 for a new run. */
  readonly previousAttemptCount: number;
  /** When it was sent, by the monotonic clock of this process. */
  readonly sentAtMs: number;
}

/** The run of an earlier send with the same key. */
export interface KnownRun {
  readonly kind: 'known';
  readonly runId: string;
}

/** A send, and what was prepared for its run. */
export interface PreparedSend extends Pick<StartedRun, 'live' | 'signal'> {
  readonly dependencies: RunDependencies;
  readonly request: SendRequest;
  readonly runId: string;
}
