/**
 * Registers the routes that are not needed to open a page or to stream an answer. They are loaded at the first request
 * for one of them.
 */
import type { FastifyInstance } from 'fastify';
import type { CallerCheck } from '../access/callerCheck.ts';
import { addSessionRoutes } from '../access/sessionRoutes.ts';
import type { ApiDependencies } from '../apiDependencies.ts';
import { addBudgetRoutes } from '../money/budgetRoutes.ts';
import { addUsageRoutes } from '../money/usageRoutes.ts';
import type { StreamedBodies } from '../streamedBodies.ts';
import { addConversationRoutes } from './conversationRoutes.ts';
import { addManyChatsRoutes } from './manyChatsRoutes.ts';
import { addPromptRoutes } from './promptRoutes.ts';
import { addProviderKeyRoutes } from './providerKeyRoutes.ts';
import { addSearchRoutes } from './searchRoutes.ts';
import { addOpenApi } from './table/openApi.ts';
import { addExportRoutes } from './transfer/exportRoutes.ts';
import { addFileRoutes } from './transfer/fileTransferRoutes.ts';
import { addImportRoutes } from './transfer/importRoutes.ts';
import { addProjectFileRoutes } from './transfer/projectFileRoutes.ts';

export async function addOtherRoutes(
  server: FastifyInstance,
  dependencies: ApiDependencies,
  {
    bodies,
    callerCheck,
    basePath,
  }: {
    readonly bodies: StreamedBodies;
    readonly callerCheck: CallerCheck | null;
    readonly basePath: string;
  },
): Promise<void> {
  addOpenApi(server, basePath);
  addSessionRoutes(server, callerCheck);
  addManyChatsRoutes(server, dependencies);
  addConversationRoutes(server, dependencies);
  addPromptRoutes(server, dependencies);
  addProviderKeyRoutes(server, dependencies);
  addSearchRoutes(server, dependencies);
  addUsageRoutes(server, dependencies);
  addBudgetRoutes(server, dependencies);
  addExportRoutes(server, dependencies);
  addProjectFileRoutes(server, dependencies);
  await addImportRoutes(server, dependencies, bodies);
  await addFileRoutes(server, dependencies, bodies);
}
