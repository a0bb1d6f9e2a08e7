/** Creates, changes and deletes projects. */
import type { RillClient } from '@rill/client/source';
import type { Project, UpdateProject } from '@rill/protocol';

export interface ProjectActsOptions {
  readonly client: Pick<RillClient, 'createProject' | 'updateProject' | 'deleteProject'>;
  readonly lists: { keepProject(project: Project): void; dropProject(projectId: string): void };
  /** Runs the action and says what failed; false when it did. */
  readonly attempt: (action: () => Promise<void>) => Promise<boolean>;
  /** The same for an action that deletes: what the feed says of it meanwhile is the page's own doing. */
  readonly attemptDeletion: (id: string, action: () => Promise<void>) => Promise<void>;
  readonly newChat: (projectId: string) => void;
  /** Shows something else, if it is shown. */
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
