/** Defines what the request handlers of one simulator share; built once at its start. */
import type { DemoModels } from './answers/demoModels.ts';
import type { GenerationStore } from './exchange/generation.ts';
import type { Holds } from './exchange/holds.ts';
import type { KeyCodes } from './exchange/keyCodes.ts';
import type { RecordedRequest, RequestLog } from './exchange/requestLog.ts';
import type { ResponseSink } from './exchange/responseSink.ts';
import type { FixtureCase } from './fixtureCases.ts';
import type { ScriptRegistry } from './play/scriptRegistry.ts';
import type { ResolvedOptions } from './simulatorOptions.ts';
import type { Clock } from './waitClock.ts';
import type { KeyLeak } from './wire/errorAnswers.ts';

/** The parts of one simulator. */
export interface SimulatorParts {
  options: ResolvedOptions;
  log: RequestLog;
  holds: Holds;
  keyCodes: KeyCodes;
  generations: GenerationStore;
  scripts: ScriptRegistry;
  demos: DemoModels;
  fixtures: ReadonlyMap<string, FixtureCase>;
  clock: Clock;
}

/** One request and the response that is being written to it. */
export interface Exchange {
  recorded: RecordedRequest;
  bodyText: string;
  sink: ResponseSink;
  leak: KeyLeak;
}
