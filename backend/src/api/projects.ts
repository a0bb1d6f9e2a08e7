/** Routes of projects. */
import { type CreateProject, type Project, routes, type UpdateProject } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { getProject, insertProject, listProjects, updateProject } from '../store/projects.ts';
import type { WriteTransaction } from '../store/storeAccess.ts';
import type { ApiDependencies } from './apiDependencies.ts';
import { toFastifyRoute } from './toFastifyRoute.ts';

interface ProjectParams {
  Params: { id: string };
}

export function addProjects(server: FastifyInstance, dependencies: ApiDependencies): void {
  const { database, ownerId, clock, newId, runs, feeds } = dependencies;
  /** What the change gives, told to the feed once it is committed. */
  const change = (work: (transaction: WriteTransaction) => Promise<Project>): Promise<Project> =>
    database.transaction(async (transaction, afterCommit) => {
      const project = await work(transaction);
      afterCommit(() => feeds.publish(ownerId, { type: 'project-change', data: { project } }));
      return project;
    });
  server.route({
    ...toFastifyRoute(routes.listProjects),
    handler: async () => ({ projects: await listProjects(database.reader, ownerId) }),
  });
  server.route<{ Body: CreateProject }>({
    ...toFastifyRoute(routes.createProject),
    async handler(request, reply) {
      const made = { ...request.body, id: newId(), ownerId, nowMs: clock.nowMs() };
      const project = await change((transaction) => insertProject(transaction, made));
      return reply.status(201).send(project);
    },
  });
  server.route<ProjectParams>({
    ...toFastifyRoute(routes.getProject),
    handler: (request) => getProject(database.reader, ownerId, request.params.id),
  });
  server.route<ProjectParams & { Body: UpdateProject }>({
    ...toFastifyRoute(routes.updateProject),
    handler: (request) =>
      change((transaction) =>
        updateProject(transaction, ownerId, request.params.id, request.body, clock.nowMs()),
      ),
  });
  server.route<ProjectParams>({
    ...toFastifyRoute(routes.deleteProject),
    async handler(request, reply) {
      await runs.deleteProject(ownerId, request.params.id);
      return reply.status(204).send();
    },
  });
}
