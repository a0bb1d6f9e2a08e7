import { RillError } from '@rill/protocol';
import { describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { composer, openApp, problems, send } from './appTestBench.ts';
import { chunk, done, exampleMessage, exampleRun, runStart } from './lib/chat/chatTestBench.ts';

describe('App when something is in the way', () => {
  it('offers the text of a message that could not be sent', async () => {
    const { client } = await openApp('/projects/p1/chats/c1');
    const stream = await send(client, 'Why?');
    stream.fail(new RillError('too_many_runs'));
    await expect
      .element(page.getByText(/^Not sent\. Too many answers are being written at once\. It will be sent/))
      .toBeVisible();
    expect(await problems()).toEqual([]);
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await expect.element(composer()).toHaveValue('Why?');
  });

  it('shows a message that another tab was faster than in the queue, below the answer that came first', async () => {
    const { client, state } = await openApp('/projects/p1/chats/c1');
    await expect.element(page.getByText('What are tides?')).toBeInTheDocument();
    const other = exampleMessage({ id: 'u1', role: 'user', parentId: 'a0', content: 'From the other tab' });
    const running = exampleMessage({ id: 'a1', role: 'assistant', parentId: 'u1', status: 'streaming' });
    client.detail = {
      ...client.detail,
      messages: [...client.detail.messages, other, running],
      activeRun: exampleRun,
    };
    (await send(client, 'From this tab')).fail(new RillError('run_active'));
    await expect.poll(() => client.streams.length).toBe(2);
    client.streams[1]?.feed(runStart('From the other tab', { parentId: 'a0' }));
    client.streams[1]?.feed(chunk('To the other tab.'));
    await expect.element(page.getByText('To the other tab.')).toBeVisible();
    expect(page.getByText('From the other tab').elements()).toHaveLength(1);
    const queue = page.getByRole('region', { name: 'Queued messages' });
    await expect.element(queue.getByText('From this tab')).toBeVisible();
    expect(page.getByText(/^Not sent\. /).elements()).toEqual([]);
    expect(state.current?.pending).toBeNull();
    expect(await problems()).toEqual([]);
  });

  it('says that the cost of a stopped answer is an estimate, until the provider reports it', async () => {
    const { client, state } = await openApp('/projects/p1/new');
    const stream = await send(client, 'Why?');
    stream.feed(runStart('Why?'));
    stream.feed(chunk('Be'));
    await userEvent.keyboard('{Escape}');
    const tokens = { promptTokens: 20, completionTokens: 1, reasoningTokens: null, cachedTokens: null };
    stream.feed(done('Be', { status: 'cancelled', usage: { ...tokens, costUsd: 0.5, estimated: true } }));
    await expect.element(page.getByText('Stopped after 2 characters.')).toBeVisible();
    await page.getByRole('button', { name: /^About this answer: .*≈\$0\.500/ }).click();
    const receipt = page.getByRole('dialog', { name: 'About this answer' });
    await expect.element(receipt.getByText('≈$0.500')).toBeVisible();
    await expect.element(receipt.getByText(/estimated, more may still be billed/)).toBeVisible();
    const words =
      'Cost of this chat so far: ≈$0.500. A part of it is estimated, and more may still be billed.';
    await expect.element(page.getByTitle(words)).toBeVisible();
    expect(await problems()).toEqual([]);
    const article = document.querySelector('.message');
    state.current?.takeUsage('a1', { ...tokens, completionTokens: 3, costUsd: 0.25, estimated: false });
    await expect.element(receipt.getByText('$0.250')).toBeVisible();
    await expect.element(receipt.getByRole('row', { name: 'Tokens out 3' })).toBeVisible();
    await expect.element(page.getByTitle('Cost of this chat so far: $0.250', { exact: true })).toBeVisible();
    expect(document.querySelector('#app')?.textContent).not.toMatch(/≈\$|estimated/);
    expect(document.querySelector('.message')).toBe(article);
  });

  it('shows which version is being written, and lets none be chosen until it is', async () => {
    const { client, state } = await openApp('/projects/p1/new');
    const running = exampleMessage({ id: 'a1', role: 'assistant', parentId: 'u0', status: 'streaming' });
    const messages = [...client.detail.messages.slice(0, 1), running];
    client.detail = { ...client.detail, messages, siblings: { a1: ['a0', 'a1'] }, activeRun: exampleRun };
    state.open({ name: 'chat', projectId: 'p1', chatId: 'c1' });
    await expect.element(page.getByText('2 / 2')).toBeVisible();
    const previous = page.getByRole('button', { name: 'Previous version' });
    await expect.element(previous).toHaveAttribute('aria-disabled', 'true');
    client.streams[0]?.feed(done('Other.', { parentId: 'u0' }));
    await expect.element(previous).toHaveAttribute('aria-disabled', 'false');
    await expect.element(page.getByText('2 / 2')).toBeVisible();
  });

  it('leads to the sign-in page on sign-out', async () => {
    const { state } = await openApp('/projects/p1/chats/c1');
    await state.signIn('right');
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await expect.element(page.getByLabelText('Access token')).toHaveFocus();
    expect(page.getByText('What are tides?').elements()).toEqual([]);
    expect(await problems()).toEqual([]);
  });

  it('asks for the access token and says when it is wrong', async () => {
    let isSignedIn = false;
    await openApp('/', {
      listProjects: () =>
        isSignedIn ? Promise.resolve({ projects: [] }) : Promise.reject(new RillError('unauthorized')),
      signIn: async ({ token }) => {
        if (token !== 'right') throw new RillError('unauthorized', { message: 'This token is not right.' });
        isSignedIn = true;
      },
    });
    const field = page.getByLabelText('Access token');
    await field.fill('wrong');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByText('This token is not right.')).toBeVisible();
    expect(await problems()).toEqual([]);
    await field.fill('right');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByText('Start with a project')).toBeVisible();
  });

  it('says that the server is down and tries again', async () => {
    let isUp = false;
    await openApp('/', {
      listProjects: () =>
        isUp ? Promise.resolve({ projects: [] }) : Promise.reject(new RillError('internal')),
    });
    await expect.element(page.getByText('Your chats could not be loaded')).toBeVisible();
    isUp = true;
    await page.getByRole('button', { name: 'Retry' }).click();
    await expect.element(page.getByText('Start with a project')).toBeVisible();
  });
});
