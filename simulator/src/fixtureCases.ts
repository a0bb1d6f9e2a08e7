/**
 * Reads the wire fixtures: responses of OpenRouter and of other servers, with what a reader must report for each.
 * The bytes of a case are checked against its digest, so a modified case is refused.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from './jsonData.ts';

/** What a reader must find in a case. The fields are described in cases.json, `expect_fields`. */
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
  /** `hold`: nothing more is sent, and the socket stays open until the reader closes it. */
  end: 'close' | 'reset' | 'hold';
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
  /** `content_type` is null where the server sends none. */
  http: { status: number; content_type: string | null; headers: Record<string, string> };
  transport: FixtureTransport;
  expect: FixtureExpectation;
  notes: string;
}

/** All cases. */
export interface FixtureCases {
  cases: FixtureCase[];
}

/** The folders of this package's cases: OpenRouter's own wire, and the dialects of other servers. */
const fixturesDirectories = ['openrouter', 'dialects'].map((name) =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)),
);

/**
 * Reads every case of these folders, the package's own by default, with its bytes.
 * Errors: rejects when a file is missing or its digest differs from cases.json.
 */
export async function loadFixtureCases(directories = fixturesDirectories): Promise<FixtureCases> {
  const cases: FixtureCase[] = [];
  for (const directory of directories) cases.push(...(await loadDirectory(directory)));
  return { cases };
}

async function loadDirectory(directory: string): Promise<FixtureCase[]> {
  // The file is part of this package and checked by its own test, hence the plain type.
  const list: { cases: (Omit<FixtureCase, 'bytes'> & { bytes: number })[] } = JSON.parse(
    await readFile(join(directory, 'cases.json'), 'utf8'),
  );
  const cases: FixtureCase[] = [];
  // One by one: all at once would exceed a low limit of open files.
  for (const entry of list.cases) cases.push(await loadBytes(directory, entry));
  return cases;
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
