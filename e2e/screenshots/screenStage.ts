/** Holds what every screen needs: the page, its server, and how a user of the device does common things. */
import type { Page } from '@playwright/test';
import type { Chat, Project } from '@rill/protocol';
import type { ChatPage } from '../support/chatPage.ts';
import type { Rill } from '../support/startRill.ts';

export interface Stage {
  readonly page: Page;
  readonly chat: ChatPage;
  readonly rill: Rill;
  readonly isPhone: boolean;
}

/** Screens by name, each with the function that shows it; a screen may build on the one before. */
export type Screens = Readonly<Record<string, (stage: Stage) => Promise<void>>>;

export const model = 'demo/quick';

/** Sends with the button, which also works on a touch screen. */
export async function send({ chat }: Stage, content: string): Promise<void> {
  await chat.composer.fill(content);
  await chat.sendButton.click();
}

/** Closes what covers the page. It handles keys until it is gone, and the sheet of a phone is always there. */
export async function close({ page }: Stage): Promise<void> {
  await page.keyboard.press('Escape');
  await page.locator('dialog:not(.sheet), .popover').first().waitFor({ state: 'detached' });
}

/** Opens the sidebar, which is a sheet on a phone. */
export async function openSidebar({ page, isPhone }: Stage): Promise<void> {
  if (isPhone) await page.getByRole('button', { name: 'Open sidebar' }).click();
  await page.getByRole('navigation', { name: 'Projects and chats' }).waitFor();
}

/** Runs a command in the palette, which is the same on every device. */
export async function run({ page }: Stage, command: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill(command);
  await page.getByRole('option', { name: command }).first().click();
}

/** Calls the server without the page. */
export async function call<Result>({ page, rill }: Stage, path: string, body?: object): Promise<Result> {
  const url = `${rill.url}/api${path}`;
  const response = await (body ? page.request.post(url, { data: body }) : page.request.get(url));
  if (!response.ok()) throw new Error(`${path} answered ${response.status()}`);
  return (await response.json()) as Result;
}

export async function firstProject(stage: Stage): Promise<Project> {
  const { projects } = await call<{ projects: Project[] }>(stage, '/projects');
  const [project] = projects;
  if (!project) throw new Error('There is no project.');
  return project;
}

/** Makes a chat with one answer, without the page. */
export async function makeChat(stage: Stage, projectId: string, title: string, reply: string): Promise<Chat> {
  const path = `/projects/${projectId}/chats`;
  const chat = await call<Chat>(stage, path, { title });
  stage.rill.simulator.nextScript(model, [{ delta: reply }]);
  await call(stage, `${path}/${chat.id}/messages`, { content: title });
  return chat;
}
