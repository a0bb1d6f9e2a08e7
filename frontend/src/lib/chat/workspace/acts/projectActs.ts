/** Creates, changes and deletes projects. */
import type { RillClient } from '@rill/client/source';
import type { Project, UpdateProject } from '@rill/protocol';

export interface ProjectActsOptions {
  readonly client: Pick<RillClient, 'createProject' | 'updateProject' | 'deleteProject'>;
  readonly lists: { keepProject(project: Project): void; dropProject(projectId: string): void };
  /** Runs the action and reports a failure; false when there was one. */
  readonly attempt: (action: () => Promise<void>) => Promise<boolean>;
  /** As above, for an action that deletes: events of the feed about it are caused by the page itself. */
  readonly attemptDeletion: (id: string, action: () => Promise<void>) => Promise<void>;
  readonly newChat: (projectId: string) => void;
  /** Shows another screen, if this one is shown. */
  readonly leaveProject: (projectId: string) => void;
}

export class ProjectActs {
  readonly #options: ProjectActsOptions;

  constructor(options: ProjectActsOptions) {
    this.#options = options;
  }

  /** Opens an empty chat of it. */
  async create(name: string): Promise<void> {
    const { client, lists, attempt, newChat } = this.#options;
    await attempt(async () => {
      const project = await client.createProject({ name });
      lists.keepProject(project);
      newChat(project.id);
    });
  }

  async change(projectId: string, change: UpdateProject): Promise<void> {
    const { client, lists, attempt } = this.#options;
    await attempt(async () => lists.keepProject(await client.updateProject({ projectId, ...change })));
  }

  async delete(projectId: string): Promise<void> {
    const { client, lists, attemptDeletion, leaveProject } = this.#options;
    await attemptDeletion(projectId, async () => {
      await client.deleteProject({ projectId });
      lists.dropProject(projectId);
      leaveProject(projectId);
    });
  }
}
