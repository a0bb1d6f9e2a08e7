/** What the request handlers of one simulator share; built once at its start. */
import type { DemoModels } from './answers/demoModels.ts';
import type { Clock } from './clock.ts';
import type { KeyLeak } from './errorAnswers.ts';
import type { FixtureCase } from './fixtureCases.ts';
import type { GenerationStore } from './generation.ts';
import type { Holds } from './holds.ts';
import type { RecordedRequest, RequestLog } from './requestLog.ts';
import type { ResponseSink } from './responseSink.ts';
import type { ScriptRegistry } from './scriptRegistry.ts';
import type { ResolvedOptions } from './simulatorOptions.ts';

/** The parts of one simulator. */
export interface SimulatorParts {
  options: ResolvedOptions;
  log: RequestLog;
  holds: Holds;
  generations: GenerationStore;
  scripts: ScriptRegistry;
  demos: DemoModels;
  fixtures: ReadonlyMap<string, FixtureCase>;
  clock: Clock;
}

/** One request with its answer in the making. */
export interface Exchange {
  recorded: RecordedRequest;
  bodyText: string;
  sink: ResponseSink;
  leak: KeyLeak;
}
