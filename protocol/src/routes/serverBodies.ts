/** Defines the bodies of what the server says of itself: its models, its sessions and its health. */
import { type Static, Type } from 'typebox';
import { Model } from '../entities/entities.ts';
import { closed } from '../entities/fieldSchemas.ts';

/** The models that can be asked, empty when the provider lists none, and the one for chats that name none. */
export const ModelList = Type.Object({
  models: Type.Array(Model),
  defaultModel: Type.String({ description: 'Id of a model, which need not be in the list.' }),
  isDemo: Type.Boolean({ description: 'True when answers come from the built-in simulator.' }),
  maxBodyBytes: Type.Optional(
    Type.Integer({ description: 'Largest body of a request that this server takes, in bytes.' }),
  ),
});
export type ModelList = Static<typeof ModelList>;

/** The access token to sign in with. */
export const SignIn = Type.Object({ token: Type.String({ minLength: 1, maxLength: 1000 }) }, closed);
/** Which sessions to end: the caller's own, or with `everywhere` all of the user. */
export const SignOut = Type.Object({ everywhere: Type.Optional(Type.Boolean({ default: false })) });

/** Says that the process is alive. `version` is the server's, `protocol` that of the wire contract. */
export const Health = Type.Object({
  status: Type.Literal('ok'),
  version: Type.String(),
  protocol: Type.Integer(),
});
export type Health = Static<typeof Health>;
/** `not_ready`, with status 503, while the server takes no new messages. */
export const Ready = Type.Object({ status: Type.Union([Type.Literal('ready'), Type.Literal('not_ready')]) });
