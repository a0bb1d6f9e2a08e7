/** Serves files: takes uploads as streams, and sends contents with headers that keep browsers from running them. */
import { addAbortSignal } from 'node:stream';
import { isPicture, maxFileBytes, RillError, routes } from '@rill/protocol';
import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from '../../apiDependencies.ts';
import type { StreamedBodies } from '../../streamedBodies.ts';
import { toFastifyRoute } from '../table/toFastifyRoute.ts';

interface UploadRequest {
  Querystring: { name: string; chatId?: string };
}

interface FileRequest {
  Params: { fileId: string };
  Querystring: { inline?: '1' };
}

/** A browser that opens the address itself may run and load nothing. */
const contentPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";

export async function addFileRoutes(
  server: FastifyInstance,
  { files }: Pick<ApiDependencies, 'files'>,
  bodies: StreamedBodies,
): Promise<void> {
  await bodies.addRoutes(server, (scope) => {
    scope.route<UploadRequest>({
      ...toFastifyRoute(routes.uploadFile),
      async handler(request, reply) {
        const { ownerId, query, headers } = request;
        if (Number(headers['content-length'] ?? 0) > maxFileBytes) {
          // Unread bytes of the body would be taken for the next request.
          reply.header('Connection', 'close');
          throw new RillError('file_too_large');
        }
        const limits = { request, reply, maxBytes: maxFileBytes, takesAnyType: true };
        const reference = await bodies.read(limits, ({ body, signal }) =>
          files.upload({ ownerId, name: query.name, chunks: addAbortSignal(signal, body) }),
        );
        return reply.status(201).send(reference);
      },
    });
  });
  server.route<FileRequest>({
    ...toFastifyRoute(routes.getFileContent),
    exposeHeadRoute: true,
    async handler({ ownerId, params, query }, reply) {
      const { reference, content } = await files.open(ownerId, params.fileId);
      const isInline = query.inline === '1' && isPicture(reference);
      return reply
        .headers({
          'content-type': isInline || reference.mediaType !== 'text/plain' ? reference.mediaType : textType,
          'content-length': reference.sizeBytes,
          'content-disposition': dispositionOf(reference.name, isInline),
          'content-security-policy': contentPolicy,
        })
        .send(content);
    },
  });
  server.route<Pick<FileRequest, 'Params'>>({
    ...toFastifyRoute(routes.deleteFile),
    async handler({ ownerId, params }, reply) {
      await files.remove(ownerId, params.fileId);
      return reply.status(204).send();
    },
  });
}

const textType = 'text/plain; charset=utf-8';

/** The name twice: in ASCII for old programs, and in full. */
function dispositionOf(name: string, isInline: boolean): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const whole = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return `${isInline ? 'inline' : 'attachment'}; filename="${plain}"; filename*=UTF-8''${whole}`;
}
