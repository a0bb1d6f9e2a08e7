/**
 * Every path, verb, request and response of the HTTP API. The backend validates by it, the OpenAPI document is
 * made from it, and the client's types come from it.
 */
import { type Static, type TSchema, Type } from 'typebox';
import { Chat, ErrorCodeSchema, Id, Message, Model, Project, Run, Timeouts, Usage } from './entities.ts';

const closed = { additionalProperties: false } as const;
const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const NotBlank = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' });
const ModelId = Type.String({ minLength: 1, maxLength: 200, pattern: '^\\S+$' });
const ProjectParams = Type.Object({ id: Id });
const ChatParams = Type.Object({ id: Id, chatId: Id });
const PageQuery = Type.Object({
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 500, default: 200, description: 'Most entries of a page.' }),
  ),
  pageToken: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: '`nextPageToken` of the page before.' }),
  ),
});
const NextPageToken = nullable(
  Type.String({ description: 'Send as `pageToken` for the next page; null at the end.' }),
);

/**
 * Body of every response that is not a success. `message` is one sentence that is safe to show; `details` has small
 * facts, such as the id of the active run or `retryAfterMs`.
 */
export const ErrorBody = Type.Object({
  error: Type.Object({
    code: ErrorCodeSchema,
    message: Type.String(),
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  }),
});
export type ErrorBody = Static<typeof ErrorBody>;

const projectFields = {
  name: NotBlank(200),
  systemPrompt: Type.Optional(nullable(Type.String({ maxLength: 100_000 }))),
  defaultModel: Type.Optional(nullable(ModelId)),
  timeouts: Type.Optional(nullable(Timeouts)),
};
/** A project to make. `name` has 1 to 200 characters, not all blank; what is absent is `null`. */
export const CreateProject = Type.Object(projectFields, closed);
export type CreateProject = Static<typeof CreateProject>;
/** The fields of a project to change, at least one. `null`, where it is allowed, leaves the field to the server. */
export const UpdateProject = Type.Partial(Type.Object(projectFields), { ...closed, minProperties: 1 });
export type UpdateProject = Static<typeof UpdateProject>;

/** A chat to make. Without a title its first message gives one; without a model the project's is asked. */
export const CreateChat = Type.Object(
  { title: Type.Optional(NotBlank(200)), model: Type.Optional(nullable(ModelId)) },
  closed,
);
export type CreateChat = Static<typeof CreateChat>;
/**
 * The fields of a chat to change, at least one. `activeLeafId` takes any message: shown is the branch through it, down
 * to its newest leaf. Errors: not_found for a message of another chat.
 */
export const UpdateChat = Type.Object(
  {
    title: Type.Optional(NotBlank(200)),
    model: Type.Optional(nullable(ModelId)),
    activeLeafId: Type.Optional(Id),
  },
  { ...closed, minProperties: 1 },
);
export type UpdateChat = Static<typeof UpdateChat>;

/** A chat with the branch of messages that is shown, root first. */
export const ChatDetail = Type.Object({
  chat: Chat,
  messages: Type.Array(Message),
  siblings: Type.Record(Type.String(), Type.Array(Id), {
    description: 'For each message of the branch that has alternatives: all of them, oldest first.',
  }),
  activeRun: nullable(Run),
});
export type ChatDetail = Static<typeof ChatDetail>;

/** How much the model may think before it answers: by a word, by a limit in tokens, or both. */
export const ReasoningOptions = Type.Object(
  {
    effort: Type.Optional(
      Type.Union([
        Type.Literal('none'),
        Type.Literal('minimal'),
        Type.Literal('low'),
        Type.Literal('medium'),
        Type.Literal('high'),
        Type.Literal('xhigh'),
        Type.Literal('max'),
      ]),
    ),
    maxTokens: Type.Optional(Type.Integer({ minimum: 1, description: 'Limit of the reasoning, in tokens.' })),
  },
  closed,
);

/** How the model is asked to answer. A parameter that the model lacks is ignored by the provider. */
export const GenerationOptions = Type.Object(
  {
    temperature: Type.Optional(Type.Number({ minimum: 0, maximum: 2 })),
    topP: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    maxTokens: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Limit of the answer, in tokens.' }),
    ),
    seed: Type.Optional(Type.Integer()),
    stop: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { maxItems: 4 })),
    reasoning: Type.Optional(ReasoningOptions),
  },
  closed,
);
export type GenerationOptions = Static<typeof GenerationOptions>;

/**
 * A message to answer. `content` is required unless `regenerateOf` names an assistant message to answer anew, or
 * `continueOf` one that was cut short and is to be gone on with.
 * `parentId` null starts a new branch at the root; absent goes on from the branch that is shown.
 */
export const SendMessage = Type.Object(
  {
    content: Type.Optional(NotBlank(1_000_000)),
    model: Type.Optional(ModelId),
    parentId: Type.Optional(nullable(Id)),
    regenerateOf: Type.Optional(Id),
    continueOf: Type.Optional(Id),
    clientMessageId: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    options: Type.Optional(GenerationOptions),
    ifActive: Type.Optional(
      Type.Union([Type.Literal('reject'), Type.Literal('interrupt')], {
        description:
          'While an answer is being written in the chat: refuse (the default), or cancel that answer first.',
      }),
    ),
    timeoutMs: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Limit of the whole run, in milliseconds.' }),
    ),
  },
  closed,
);
export type SendMessage = Static<typeof SendMessage>;

/** What the non-streaming send answers: the final message, and its usage once more; null when nothing is known of it. */
export const SendResult = Type.Object({ message: Message, usage: nullable(Usage) });
export type SendResult = Static<typeof SendResult>;

/** Which run to cancel; without `runId` the chat's active one. Errors: no_active_run; not_found for a run of another chat. */
export const CancelRun = Type.Object({ runId: Type.Optional(Id) }, closed);
/**
 * Body of 200 (the run has ended: `message` is final) and of 202 (the cancel is recorded, the end is still to come:
 * `cancelled` is false and `message` null). Source: PROTOCOL.md "Cancel".
 */
export const CancelResult = Type.Object({
  cancelled: Type.Boolean({ description: 'False when the run ended otherwise, or is still ending (202).' }),
  runId: Id,
  message: nullable(Message),
});
export type CancelResult = Static<typeof CancelResult>;

/** The models that can be asked, empty when the provider lists none, and the one for chats that name none. */
export const ModelList = Type.Object({
  models: Type.Array(Model),
  defaultModel: Type.String({ description: 'Id of a model, which need not be in the list.' }),
  isDemo: Type.Boolean({ description: 'True when answers come from the built-in simulator.' }),
});
export type ModelList = Static<typeof ModelList>;

/** Says that the process is alive. `version` is the server's, `protocol` that of the wire contract. */
export const Health = Type.Object({
  status: Type.Literal('ok'),
  version: Type.String(),
  protocol: Type.Integer(),
});
export type Health = Static<typeof Health>;
/** `not_ready`, with status 503, while the server takes no new messages. */
export const Ready = Type.Object({ status: Type.Union([Type.Literal('ready'), Type.Literal('not_ready')]) });

/**
 * One route: verb, path with `:names`, and the schemas of what goes in and out. A request that does not fit its schema
 * is 400 `bad_request`.
 */
export interface RouteDefinition {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly params?: TSchema;
  readonly querystring?: TSchema;
  readonly headers?: TSchema;
  readonly body?: TSchema;
  /** Success statuses; every route may also answer any error of the table. 204 has no body. */
  readonly response: Readonly<Record<number, TSchema>>;
  /** True when success is an event stream (PROTOCOL.md) and `response` has no JSON for 200. */
  readonly isStream?: true;
}

const defineRoutes = <Routes extends Readonly<Record<string, RouteDefinition>>>(routes: Routes): Routes =>
  routes;
const NoContent = Type.Null();
const SendHeaders = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
});
const ResumeHeaders = Type.Object({ 'last-event-id': Type.Optional(Type.String()) });
const ResumeQuery = Type.Object({ cursor: Type.Optional(Type.String()) });
const chatPath = '/api/projects/:id/chats/:chatId';

/** Every route by the name that the client's function has, in the order of PROTOCOL.md "Routes". */
export const routes = defineRoutes({
  listProjects: {
    method: 'GET',
    path: '/api/projects',
    summary: 'All projects, oldest first.',
    response: { 200: Type.Object({ projects: Type.Array(Project) }) },
  },
  createProject: {
    method: 'POST',
    path: '/api/projects',
    summary: 'Makes a project.',
    body: CreateProject,
    response: { 201: Project },
  },
  getProject: {
    method: 'GET',
    path: '/api/projects/:id',
    summary: 'One project.',
    params: ProjectParams,
    response: { 200: Project },
  },
  updateProject: {
    method: 'PATCH',
    path: '/api/projects/:id',
    summary: 'Changes the fields that are given.',
    params: ProjectParams,
    body: UpdateProject,
    response: { 200: Project },
  },
  deleteProject: {
    method: 'DELETE',
    path: '/api/projects/:id',
    summary: 'Deletes a project with its chats; running answers are cancelled first.',
    params: ProjectParams,
    response: { 204: NoContent },
  },
  listChats: {
    method: 'GET',
    path: '/api/projects/:id/chats',
    summary: 'Chats of a project, last changed first.',
    params: ProjectParams,
    querystring: PageQuery,
    response: { 200: Type.Object({ chats: Type.Array(Chat), nextPageToken: NextPageToken }) },
  },
  createChat: {
    method: 'POST',
    path: '/api/projects/:id/chats',
    summary: 'Makes a chat.',
    params: ProjectParams,
    body: CreateChat,
    response: { 201: Chat },
  },
  getChat: {
    method: 'GET',
    path: chatPath,
    summary: 'A chat with the branch that is shown and the active run, if any.',
    params: ChatParams,
    response: { 200: ChatDetail },
  },
  updateChat: {
    method: 'PATCH',
    path: chatPath,
    summary: 'Renames a chat, sets its model, or shows another branch.',
    params: ChatParams,
    body: UpdateChat,
    response: { 200: Chat },
  },
  deleteChat: {
    method: 'DELETE',
    path: chatPath,
    summary: 'Deletes a chat; a running answer is cancelled first.',
    params: ChatParams,
    response: { 204: NoContent },
  },
  sendMessage: {
    method: 'POST',
    path: `${chatPath}/messages`,
    summary: 'Sends a message and answers once with the whole answer.',
    params: ChatParams,
    headers: SendHeaders,
    body: SendMessage,
    response: { 200: SendResult },
  },
  sendMessageStream: {
    method: 'POST',
    path: `${chatPath}/messages/stream`,
    summary: 'Sends a message and answers with the event stream of its run.',
    params: ChatParams,
    headers: SendHeaders,
    body: SendMessage,
    response: {},
    isStream: true,
  },
  resumeStream: {
    method: 'GET',
    path: `${chatPath}/messages/stream`,
    summary: 'Attaches to the active run, or goes on from a cursor. 204 when there is nothing more.',
    params: ChatParams,
    headers: ResumeHeaders,
    querystring: ResumeQuery,
    response: { 204: NoContent },
    isStream: true,
  },
  cancelRun: {
    method: 'POST',
    path: `${chatPath}/cancel`,
    summary: 'Ends the active run, or the run that is named; the text so far is kept.',
    params: ChatParams,
    body: Type.Optional(CancelRun),
    response: { 200: CancelResult, 202: CancelResult },
  },
  followFeed: {
    method: 'GET',
    path: '/api/events',
    summary: "The person's own feed: an event stream of what changes around the chats.",
    headers: ResumeHeaders,
    querystring: ResumeQuery,
    response: {},
    isStream: true,
  },
  getRun: {
    method: 'GET',
    path: '/api/runs/:runId',
    summary: 'The state of one run.',
    params: Type.Object({ runId: Id }),
    response: { 200: Run },
  },
  listModels: {
    method: 'GET',
    path: '/api/models',
    summary: 'The models that can be asked.',
    response: { 200: ModelList },
  },
  health: { method: 'GET', path: '/api/health', summary: 'The process is alive.', response: { 200: Health } },
  ready: {
    method: 'GET',
    path: '/api/ready',
    summary: 'The server takes new messages.',
    response: { 200: Ready, 503: Ready },
  },
});

/** Version of the wire contract, sent as `Rill-Protocol`. */
export const protocolVersion = 1;
