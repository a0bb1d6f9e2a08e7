/**
 * Reads the wire fixtures: recorded shapes of OpenRouter's answers with what a reader must make of them.
 * The bytes of a case are checked against its digest, so a case that was changed on its way is refused.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from './json.ts';

/** What a reader must find in a case. The meaning of each field stands in cases.json, `expect_fields`. */
export interface FixtureExpectation {
  outcome: 'complete' | 'empty' | 'error' | 'truncated';
  content?: string;
  content_check?: { length: number; sha256: string; head: string; tail: string };
  reasoning: string;
  reasoning_details?: JsonObject[];
  finish_reason: string | null;
  native_finish_reason: string | null;
  usage: JsonObject | null;
  error: FixtureError | null;
  done: boolean;
  tool_calls?: { id: string; name: string; arguments: string }[];
  annotations?: { url: string; title: string }[];
  images?: number;
  refusal?: string;
  model?: string | null;
  provider?: string | null;
  generation_id?: string | null;
  comments?: number;
  data_events?: number;
  bad_events?: number;
}

/** The error a reader must report. */
export interface FixtureError {
  phase: 'http' | 'body' | 'stream' | 'transport';
  code: number | string | null;
  message: string | null;
  error_type: string | null;
  provider: string | null;
  detail: string | null;
  retryable: boolean;
  retry_after_ms: number | null;
  retry_at_ms: number | null;
}

/** How the bytes reach the socket. */
export interface FixtureTransport {
  write: 'whole' | 'events' | 'bytes' | 'offsets';
  /** Length of one write, for `bytes`. */
  size?: number;
  /** Where to cut, for `offsets`. */
  offsets?: number[];
  end: 'close' | 'reset';
  /** Pause between writes. */
  gap_ms?: number;
}

/** One recorded answer. */
export interface FixtureCase {
  id: string;
  title: string;
  file: string;
  /** The body, exactly. */
  bytes: Buffer;
  sha256: string;
  basis: 'captures' | 'documented' | 'defensive';
  http: { status: number; content_type: string; headers: Record<string, string> };
  transport: FixtureTransport;
  expect: FixtureExpectation;
  notes: string;
}

/** All cases. */
export interface FixtureCases {
  cases: FixtureCase[];
}

/** Where the cases of this package are. */
export const defaultFixturesDirectory = fileURLToPath(new URL('../fixtures/openrouter', import.meta.url));

/**
 * Reads every case with its bytes.
 * Errors: rejects when a file is missing or its digest differs from cases.json.
 */
export async function loadFixtureCases(directory: string = defaultFixturesDirectory): Promise<FixtureCases> {
  // The file is part of this package and checked by its own test, hence the plain type.
  const list: { cases: (Omit<FixtureCase, 'bytes'> & { bytes: number })[] } = JSON.parse(
    await readFile(join(directory, 'cases.json'), 'utf8'),
  );
  return { cases: await Promise.all(list.cases.map((entry) => loadBytes(directory, entry))) };
}

async function loadBytes(
  directory: string,
  entry: Omit<FixtureCase, 'bytes'> & { bytes: number },
): Promise<FixtureCase> {
  const bytes = await readFile(join(directory, entry.file));
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== entry.sha256) throw new Error(`Fixture ${entry.id}: ${entry.file} differs from its digest`);
  return { ...entry, bytes };
}
