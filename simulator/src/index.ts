/** Exports the simulator's public API: start a server, program it, and read the wire fixtures. */

export {
  exaSearch,
  exaSources,
  malformedSources,
  nativeSearch,
  searchPause,
} from './answers/webSearch.ts';
export type { Outcome, RecordedRequest } from './exchange/requestLog.ts';
export {
  type FixtureCase,
  type FixtureCases,
  type FixtureError,
  type FixtureExpectation,
  type FixtureTransport,
  loadFixtureCases,
} from './fixtureCases.ts';
export type { JsonObject, JsonValue } from './jsonData.ts';
export type {
  FinishReason,
  HttpAnswer,
  ResetAnswer,
  Script,
  ScriptStep,
  StreamAnswer,
  WireError,
} from './script.ts';
export type { SimulatorOptions } from './simulatorOptions.ts';
export { type Simulator, startSimulator } from './startSimulator.ts';
export type { Dialect } from './wire/completionWire.ts';
export { manyModels } from './wire/manyModels.ts';
