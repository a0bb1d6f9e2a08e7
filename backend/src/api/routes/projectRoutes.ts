/** Serves projects. */
import { type CreateProject, type Project, routes, type UpdateProject } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { getProject, insertProject, listProjects, updateProject } from '../../store/projects.ts';
import { type Page, readAllPages } from '../../store/readAllPages.ts';
import type { WriteTransaction } from '../../store/storeAccess.ts';
import type { ApiDependencies } from '../apiDependencies.ts';
import { toFastifyRoute } from './table/toFastifyRoute.ts';

interface ProjectParams {
  Params: { id: string };
}

export function addProjectRoutes(server: FastifyInstance, dependencies: ApiDependencies): void {
  const { database, clock, newId, runs, feeds, temporary } = dependencies;
  /** Stores the project that `work` returns and publishes it to the owner's feed once it is committed. */
  const change = (
    ownerId: string,
    work: (transaction: WriteTransaction) => Promise<Project>,
  ): Promise<Project> =>
    database.transaction(async (transaction, afterCommit) => {
      const project = await work(transaction);
      feeds.add(afterCommit, ownerId, [{ type: 'project-change', data: { project } }]);
      return project;
    });
  server.route({
    ...toFastifyRoute(routes.listProjects),
    async handler({ ownerId }) {
      const list = (page: Page<string>) => listProjects(database.reader, ownerId, page);
      return { projects: await readAllPages(list, ({ id }) => id) };
    },
  });
  server.route<{ Body: CreateProject }>({
    ...toFastifyRoute(routes.createProject),
    async handler({ ownerId, body }, reply) {
      const made = { ...body, id: newId(), ownerId, nowMs: clock.nowMs() };
      const project = await change(ownerId, (transaction) => insertProject(transaction, made));
      return reply.status(201).send(project);
    },
  });
  server.route<ProjectParams>({
    ...toFastifyRoute(routes.getProject),
    handler: ({ ownerId, params }) => getProject(database.reader, ownerId, params.id),
  });
  server.route<ProjectParams & { Body: UpdateProject }>({
    ...toFastifyRoute(routes.updateProject),
    async handler({ ownerId, params, body }) {
      const project = await change(ownerId, (transaction) =>
        updateProject(transaction, ownerId, params.id, body, clock.nowMs()),
      );
      await temporary.opened?.chats.takeProject(ownerId, project);
      return project;
    },
  });
  server.route<ProjectParams>({
    ...toFastifyRoute(routes.deleteProject),
    async handler({ ownerId, params }, reply) {
      await runs.deleteProject(ownerId, params.id);
      await temporary.opened?.chats.dropProject(ownerId, params.id);
      return reply.status(204).send();
    },
  });
}
