import { afterEach, beforeEach, expect, it } from 'vitest';
import { answerOf } from '../../backend/test/callServer.ts';
import { startTestServer, type TestServer } from '../../backend/test/startTestServer.ts';
import { makeFolder } from '../../backend/test/testDatabase.ts';
import { type CliOptions, runCli, startCli } from './runCli.ts';

let server: TestServer;
let folder: Awaited<ReturnType<typeof makeFolder>>;
beforeEach(async () => {
  server = await startTestServer();
  folder = await makeFolder();
});
afterEach(async () => {
  await server.close();
  await folder.remove();
});

const options = (more: Partial<CliOptions> = {}): CliOptions => ({
  cwd: folder.path,
  environment: { RILL_URL: server.url },
  ...more,
});
const holdInTheMiddle = () =>
  server.simulator.nextScript('demo/quick', [
    { delta: 'Half of it' },
    { hold: 'end' },
    { delta: ', and the rest.' },
  ]);
/** The path of the chat whose address the command printed. */
const chatPath = (err: string): string => `/api${/\/projects\/\S+/.exec(err)?.[0] ?? ''}`;
const addressIn = (err: string): string => /http\S+/.exec(err)?.[0] ?? '';

it('prints an answer as it comes, then the address of its chat, in which the next one continues', async () => {
  holdInTheMiddle();
  const run = startCli(['ask', 'What', 'is', 'it?'], options());
  await run.printed('Half of it');
  server.simulator.release('end');
  expect(await run.end).toBe(0);
  expect(run.out()).toBe('Half of it, and the rest.\n');
  const address = addressIn(run.err());
  server.simulator.nextScript('demo/quick', [{ delta: 'More.' }]);
  const next = await runCli(['ask', '--chat', address, 'And more?'], options());
  expect(next).toMatchObject({ code: 0, out: 'More.\n' });
  const asked = server.simulator.requests.at(-1)?.body;
  expect(JSON.stringify(asked)).toMatch(/What is it\?.*and the rest.*And more\?/);
});

it('leaves the answer to the server at Ctrl-C', async () => {
  holdInTheMiddle();
  const run = startCli(['ask', 'What is it?'], options());
  await run.printed('Half of it');
  run.child.kill('SIGINT');
  expect(await run.end).toBe(130);
  expect(run.err()).toContain('The answer continues: http');
  server.simulator.release('end');
  await expect
    .poll(() => answerOf(server, chatPath(run.err())))
    .toMatchObject({ content: 'Half of it, and the rest.', status: 'completed' });
});

it('stops the answer at Ctrl-C with --cancel, and keeps its text', async () => {
  holdInTheMiddle();
  const run = startCli(['ask', '--cancel', 'What is it?'], options());
  await run.printed('Half of it');
  run.child.kill('SIGINT');
  expect(await run.end).toBe(1);
  expect(run.out()).toBe('Half of it\n');
  expect(await answerOf(server, chatPath(run.err()))).toMatchObject({
    content: 'Half of it',
    status: 'cancelled',
  });
});

it('replaces a lone - with its standard input', async () => {
  server.simulator.nextScript('demo/quick', [{ delta: 'Fine.' }]);
  const run = await runCli(['ask', 'Review this:', '-'], options({ input: 'line 1\nline 2\n' }));
  expect(run).toMatchObject({ code: 0, out: 'Fine.\n' });
  expect(server.simulator.requests.at(-1)?.body).toMatchObject({
    messages: [{ role: 'user', content: 'Review this:\n\nline 1\nline 2\n' }],
  });
});

it.each([
  ['a project that is not there', ['--project', 'Nowhere', 'Hm?'], 'There is no project Nowhere; there is '],
  ['an address that is none', ['--chat', 'here', 'Hm?'], '--chat must be the address of a chat'],
  ['a chat that is not there', ['--chat', '/projects/p1/chats/c1', 'Hm?'], 'not'],
  ['a server that is not there', ['--server', 'http://127.0.0.1:1', 'Hm?'], 'cannot be reached'],
  ['what is no address of a server', ['--server', 'here', 'Hm?'], 'here is not an http address'],
])('says so in one sentence for %s', async (_, words, sentence) => {
  const { code, out, err } = await runCli(['ask', ...words], options());
  expect([code, out, err.trim().split('\n').length]).toEqual([1, '', 1]);
  expect(err).toContain(sentence);
});

it('prints its usage, and lists the commands when one is unknown', async () => {
  const help = await runCli(['ask', '--help'], options());
  expect([help.code, help.out]).toEqual([0, expect.stringContaining('rill ask [--project NAME]')]);
  const unknown = await runCli(['constructor'], options());
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('rill doctor')]);
});
