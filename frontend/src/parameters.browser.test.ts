/** Tests the parameters of a chat: set at once, inherited where they are empty, and shown only where the model has them. */
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { openApp, problems, send } from './appTestBench.ts';
import { exampleChat, exampleModel, exampleProject } from './lib/chat/chatTestBench.ts';

const plain = { ...exampleModel, supportedParameters: ['max_tokens'] };
const thinking = {
  ...exampleModel,
  id: 'demo/thinker',
  name: 'Demo Thinker',
  isReasoning: true,
  completionUsdPerToken: 0.000_015,
  supportedParameters: ['temperature', 'top_p', 'seed', 'stop', 'max_tokens', 'reasoning'],
};
const listOf = (defaultModel: string) => async () => ({
  models: [plain, thinking],
  defaultModel,
  isDemo: false,
});
const open = async () => {
  await page.getByRole('button', { name: /^Parameters/ }).click();
  await expect.element(page.getByRole('dialog', { name: 'Parameters of this chat' })).toBeVisible();
};

it('a parameter of a chat applies at once, and the button shows that something is set', async () => {
  const updateChat = vi.fn();
  await openApp('/projects/p1/chats/c1', {
    listModels: listOf('demo/thinker'),
    updateChat: async ({ options, timeouts }) => {
      updateChat(options, timeouts);
      return { ...exampleChat, ...(options && { options }) };
    },
  });
  await open();
  expect(await problems()).toEqual([]);
  await page.getByLabelText('Temperature, 0 to 2').fill('0.3');
  await userEvent.keyboard('{Enter}');
  await vi.waitFor(() => expect(updateChat).toHaveBeenLastCalledWith({ temperature: 0.3 }, null));
  await expect.element(page.getByRole('button', { name: 'Parameters, changed for this chat' })).toHaveFocus();
  await open();
  await page.getByRole('combobox', { name: 'Thinking' }).selectOptions('High');
  await expect.element(page.getByText(/most of the cost can be thinking.*\$15 for a million/)).toBeVisible();
  await page.getByRole('button', { name: 'Reset all' }).click();
  await vi.waitFor(() => expect(updateChat).toHaveBeenLastCalledWith(null, null));
});

it('sampling, the texts that end an answer and its only providers are set as the API names them', async () => {
  const updateChat = vi.fn();
  await openApp('/projects/p1/chats/c1', {
    listModels: listOf('demo/thinker'),
    updateChat: async ({ options }) => {
      updateChat(options);
      return { ...exampleChat, ...(options && { options }) };
    },
  });
  await open();
  await page.getByLabelText('Top P, above 0 to 1').fill('0.4');
  await page.getByLabelText('Seed, a whole number').fill('7');
  await page.getByLabelText(/^Texts at which/).fill('END\n\\n\\n');
  await page.getByLabelText('Only these providers').fill('azure, openai');
  expect(await problems()).toEqual([]);
  await userEvent.keyboard('{Enter}');
  const options = { topP: 0.4, seed: 7, stop: ['END', '\n\n'], provider: { only: ['azure', 'openai'] } };
  await vi.waitFor(() => expect(updateChat).toHaveBeenLastCalledWith(options));
});

it('unsupported parameters are not shown, and those of the project apply where the chat has none', async () => {
  const options = { maxTokens: 900, provider: { zdr: true } };
  const listProjects = async () => ({ projects: [{ ...exampleProject, options }] });
  await openApp('/projects/p1/chats/c1', { listModels: listOf('demo/quick'), listProjects });
  await open();
  await expect
    .element(page.getByLabelText('Longest answer, in tokens'))
    .toHaveAttribute('placeholder', 'Inherited: 900');
  await expect.element(page.getByText('As the project says: Yes')).toBeInTheDocument();
  for (const name of [
    'Temperature, 0 to 2',
    'Top P, above 0 to 1',
    'Seed, a whole number',
    /^Texts at which/,
  ])
    expect(page.getByLabelText(name).elements()).toHaveLength(0);
  expect(page.getByRole('combobox', { name: 'Thinking' }).elements()).toHaveLength(0);
});

it('parameters that are set before the first message go with it', async () => {
  const { client } = await openApp('/projects/p1/new', { listModels: listOf('demo/thinker') });
  await open();
  await page.getByRole('combobox', { name: 'Only providers that keep nothing' }).selectOptions('Yes');
  await userEvent.keyboard('{Escape}');
  await expect.element(page.getByRole('button', { name: 'Parameters, changed for this chat' })).toHaveFocus();
  await send(client, 'Why?');
  expect(client.sent[0]).toMatchObject({
    createChat: true,
    newChat: { options: { provider: { zdr: true, dataCollection: 'deny' } } },
  });
});
