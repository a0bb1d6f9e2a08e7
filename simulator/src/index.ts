/** The simulator's public surface: start a server, program it, and read the wire fixtures. */
export type { Dialect } from './completionWire.ts';
export {
  type FixtureCase,
  type FixtureCases,
  type FixtureError,
  type FixtureExpectation,
  type FixtureTransport,
  loadFixtureCases,
} from './fixtureCases.ts';
export type { JsonObject, JsonValue } from './json.ts';
export type { Outcome, RecordedRequest } from './requestLog.ts';
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
