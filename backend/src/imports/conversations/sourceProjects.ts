/**
 * Finds or creates the project for chats that shared a project in another product. The export has only that project's
 * id, so the project is named after it, and a later import finds it by that name.
 */
import type { Database } from '../../database/database.ts';
import { insertProject, listProjects } from '../../store/projects.ts';
import { type Page, readAllPages } from '../../store/readAllPages.ts';

export interface SourceProjectDependencies {
  readonly database: Database;
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly ownerId: string;
  /** Of the product. */
  readonly productName: string;
}

/** Characters of the id in the name, to distinguish the projects. */
const shownLength = 12;

export class SourceProjects {
  readonly #dependencies: SourceProjectDependencies;
  readonly #known = new Map<string, string>();

  constructor(dependencies: SourceProjectDependencies) {
    this.#dependencies = dependencies;
  }

  /** The id of the project in Rill. */
  async find(sourceId: string): Promise<string> {
    const known = this.#known.get(sourceId);
    if (known !== undefined) return known;
    const name = `${this.#dependencies.productName} project ${sourceId.replace(/^g-p-/, '').slice(0, shownLength)}`;
    const id = (await this.#findByName(name)) ?? (await this.#make(name));
    this.#known.set(sourceId, id);
    return id;
  }

  async #findByName(name: string): Promise<string | null> {
    const { database, ownerId } = this.#dependencies;
    const projects = await readAllPages(
      (page: Page<string>) => listProjects(database.reader, ownerId, page),
      ({ id }) => id,
    );
    return projects.find((project) => project.name === name)?.id ?? null;
  }

  async #make(name: string): Promise<string> {
    const { database, ownerId, newId, nowMs } = this.#dependencies;
    const id = newId();
    await database.transaction((transaction) =>
      insertProject(transaction, { id, ownerId, name, nowMs: nowMs() }),
    );
    return id;
  }
}
