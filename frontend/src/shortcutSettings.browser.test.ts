import { beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { openApp, problems } from './appTestBench.ts';

describe('the keys of a command', () => {
  let app: Awaited<ReturnType<typeof openApp>>;
  const keysOf = (label: string) => page.getByRole('button', { name: new RegExp(`^${label}: `) });

  beforeEach(async () => {
    app = await openApp('/settings/shortcuts');
    await expect.element(page.getByRole('heading', { name: 'Shortcuts' })).toHaveFocus();
  });

  it('are chosen by pressing them, which does not do what they did, and reset', async () => {
    await keysOf('New chat').click();
    await userEvent.keyboard('{Alt>}n{/Alt}');
    await expect.element(keysOf('New chat')).toHaveTextContent('Alt+N');
    await expect.element(keysOf('New chat')).toHaveFocus();
    expect(app.keymap.keysOf('new-chat')).toBe('Alt+N');
    await page.getByRole('button', { name: 'Reset the keys of: New chat' }).click();
    await expect.element(keysOf('New chat')).toHaveTextContent('Ctrl+Shift+O');
    expect(app.router.route.name).toBe('settings');
  });

  it('that another command has are taken from it only on confirmation', async () => {
    await keysOf('New chat').click();
    await userEvent.keyboard('{Control>}k{/Control}');
    await expect.element(page.getByText('Ctrl+K is used by: Search and commands.')).toBeVisible();
    expect(app.shell.layer).toBeNull();
    expect(await problems()).toEqual([]);
    await page.getByRole('button', { name: 'Leave it' }).click();
    expect(app.keymap.keysOf('open-palette')).toBe('Mod+K');
    await keysOf('New chat').click();
    await userEvent.keyboard('{Control>}k{/Control}');
    await page.getByRole('button', { name: 'Use it here' }).click();
    expect([app.keymap.keysOf('new-chat'), app.keymap.keysOf('open-palette')]).toEqual(['Mod+K', null]);
    await page.getByRole('button', { name: 'Reset all shortcuts' }).click();
    expect(app.keymap.keysOf('open-palette')).toBe('Mod+K');
  });

  it('are no letters, and Escape leaves them as they are', async () => {
    await keysOf('New chat').click();
    await userEvent.keyboard('x');
    await expect.element(page.getByText('These keys cannot be used', { exact: false })).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.element(keysOf('New chat')).toHaveTextContent('Ctrl+Shift+O');
  });
});
