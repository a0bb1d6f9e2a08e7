/** Defines the bodies of what the server reports about itself: its models, its sessions and its health. */
import { type Static, Type } from 'typebox';
import { closed, ModelId } from '../entities/fieldSchemas.ts';
import { Model, ModelSpeed } from '../entities/model.ts';

/** The models that can be used, empty when the provider lists none, and the one for chats that name none. */
export const ModelList = Type.Object({
  models: Type.Array(Model),
  defaultModel: Type.String({ description: 'Id of a model, which need not be in the list.' }),
  pinnedModels: Type.Optional(
    Type.Array(Type.String(), { description: 'Ids that the user pinned, the last one first.' }),
  ),
  speeds: Type.Optional(
    Type.Record(Type.String(), ModelSpeed, {
      description: "By the id of a model: how fast it was in the user's own answers.",
    }),
  ),
  isDemo: Type.Boolean({ description: 'True when answers come from the built-in simulator.' }),
  maxBodyBytes: Type.Optional(
    Type.Integer({ description: 'Largest body of a request that this server takes, in bytes.' }),
  ),
});
export type ModelList = Static<typeof ModelList>;

/** A model to pin or unpin, whether or not it is listed. */
export const PinModel = Type.Object({ model: ModelId, isPinned: Type.Boolean() }, closed);
export type PinModel = Static<typeof PinModel>;
/** All models that the user has pinned, the last one first. */
export const PinnedModels = Type.Object({ pinnedModels: Type.Array(Type.String()) });
export type PinnedModels = Static<typeof PinnedModels>;

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
