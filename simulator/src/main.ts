/** `npm run simulator`: starts the simulator from the command line and prints how to point Rill at it. */
import { parseArgs } from 'node:util';
import { startSimulator } from './startSimulator.ts';
import type { Dialect } from './wire/completionWire.ts';

const help = `Usage: npm run simulator -- [options]

A stand-in for OpenRouter with demo models, so that Rill runs without a key or a network.

  --port <number>               port on 127.0.0.1 (default 4010)
  --tokens-per-second <number>  pace of the answers; 0 = as fast as possible (default 60)
  --dialect <name>              openrouter (default) or openai
  --help                        this text

Models: demo/quick demo/long demo/thinker demo/flaky demo/slow-start demo/echo demo/painter
        fixture/<case-id> replays one recorded answer from simulator/fixtures
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4010' },
      'tokens-per-second': { type: 'string', default: '60' },
      dialect: { type: 'string', default: 'openrouter' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const simulator = await startSimulator({
    port: readNumber('port', values.port, 65_535),
    tokensPerSecond: readNumber('tokens-per-second', values['tokens-per-second'], 100_000),
    dialect: readDialect(values.dialect),
    keptRequests: 100,
  });
  process.stdout.write(
    `Simulator listens at ${simulator.url}\n\nPoint Rill at it:\n` +
      `  OPENROUTER_BASE_URL=${simulator.url} OPENROUTER_API_KEY=sk-or-v1-simulator npm start\n`,
  );
  const stop = (): void => {
    void simulator.close();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function readNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= max) return value;
  throw new Error(`--${name}: expected a number from 0 to ${max}, got "${text}"`);
}

function readDialect(text: string): Dialect {
  if (text === 'openrouter' || text === 'openai') return text;
  throw new Error(`--dialect: expected openrouter or openai, got "${text}"`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
