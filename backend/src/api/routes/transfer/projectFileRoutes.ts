/** Serves the files that are part of every chat of a project. */
import { type PutProjectFiles, routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import { keptUnusedMs } from '../../../store/files/fileUses.ts';
import { listProjectFiles, setProjectFiles } from '../../../store/files/projectFiles.ts';
import { getProject } from '../../../store/projects.ts';
import type { ApiDependencies } from '../../apiDependencies.ts';
import { toFastifyRoute } from '../table/toFastifyRoute.ts';

interface ProjectParams {
  Params: { id: string };
}

export function addProjectFileRoutes(server: FastifyInstance, dependencies: ApiDependencies): void {
  const { database, clock, feeds, temporary } = dependencies;
  server.route<ProjectParams>({
    ...toFastifyRoute(routes.listProjectFiles),
    async handler({ ownerId, params }) {
      await getProject(database.reader, ownerId, params.id);
      return { files: await listProjectFiles(database.reader, params.id) };
    },
  });
  server.route<ProjectParams & { Body: PutProjectFiles }>({
    ...toFastifyRoute(routes.putProjectFiles),
    async handler({ ownerId, params, body }) {
      const key = { ownerId, projectId: params.id };
      const keptUntilMs = clock.nowMs() + keptUnusedMs;
      const { project, files } = await database.transaction(async (transaction, afterCommit) => {
        const changed = await getProject(transaction, ownerId, params.id);
        const given = await setProjectFiles(transaction, key, body.fileIds, keptUntilMs);
        const data = { project: changed };
        feeds.add(afterCommit, ownerId, [{ type: 'project-change', data }]);
        return { project: changed, files: given };
      });
      await temporary.opened?.chats.takeProject(ownerId, project);
      return { files };
    },
  });
}
