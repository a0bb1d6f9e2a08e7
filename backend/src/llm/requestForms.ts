/**
 * Remembers which request form a provider accepts for each model, as learned from its refusals. Forms survive restarts and
 * expire. A form is kept only once a request in it was answered, so that a misread refusal cannot disable a feature.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Refusal } from './failure/correction.ts';
import { learnForm } from './failure/learnForm.ts';
import { giveFilesAgain } from './giveFilesAgain.ts';
import {
  buildBody,
  buildParameters,
  isPrivate,
  type LlmRequest,
  limitOf,
  refusesWeb,
} from './wire/openRouterRequest.ts';
import type { ParsedFile } from './wire/parsedFiles.ts';
import { decodeRequestForm, encodeRequestForm, fullForm, type RequestForm } from './wire/requestForm.ts';

export interface KeptForm {
  /** A hash of the provider's address, which may contain a secret. */
  readonly server: string;
  readonly model: string;
  readonly form: string;
  readonly learnedAtMs: number;
}

/** Stores forms beyond the life of the process. */
export interface FormMemory {
  readonly kept: readonly KeptForm[];
  /** Replaces the form of a server and a model. */
  save(form: KeptForm): void;
  forget(form: Pick<KeptForm, 'server' | 'model'>): void;
}

/** After this the full form is tried again: the server may have been updated or replaced. */
const maxAgeMs = 7 * 24 * 3_600_000;
/** How often one request is retried in another form. */
const maxCorrections = 10;

export interface RequestFormsOptions {
  readonly baseUrl: string;
  readonly query: string;
  readonly clock: Clock;
  readonly memory: FormMemory;
  /** One line for the log: names of fields and the model, never the server's text. */
  readonly onLearned: (fields: Readonly<Record<string, unknown>>) => void;
}

export class RequestForms {
  readonly #options: RequestFormsOptions;
  readonly #server: string;
  readonly #byModel = new Map<string, { readonly form: RequestForm; readonly learnedAtMs: number }>();

  constructor(options: RequestFormsOptions) {
    this.#options = options;
    this.#server = createHash('sha256')
      .update(options.baseUrl + options.query)
      .digest('base64url');
    for (const { server, model, form, learnedAtMs } of options.memory.kept) {
      if (server === this.#server) this.#byModel.set(model, { form: decodeRequestForm(form), learnedAtMs });
    }
  }

  formOf(model: string): RequestForm {
    const known = this.#byModel.get(model);
    if (known === undefined) return fullForm;
    return this.#options.clock.nowMs() - known.learnedAtMs > maxAgeMs ? fullForm : known.form;
  }

  open(request: LlmRequest): FormedRequest {
    return new FormedRequest(request, this);
  }

  keep(model: string, form: RequestForm, changes: readonly string[]): void {
    const learnedAtMs = this.#options.clock.nowMs();
    this.#byModel.set(model, { form, learnedAtMs });
    this.#options.memory.save({ server: this.#server, model, form: encodeRequestForm(form), learnedAtMs });
    this.#options.onLearned({ event: 'provider_refusal_learned', model, changes });
  }

  forget(model: string): void {
    if (!this.#byModel.delete(model)) return;
    this.#options.memory.forget({ server: this.#server, model });
    this.#options.onLearned({ event: 'provider_refusal_forgotten', model });
  }
}

/** One request in the form that the server accepts. The form is corrected when the server refuses the request. */
export class FormedRequest {
  #request: LlmRequest;
  readonly #forms: RequestForms;
  #form: RequestForm;
  #callLimit = Number.POSITIVE_INFINITY;
  /** Result of `buildParameters` for the request in its form; null after either has changed. */
  #built: Readonly<Record<string, unknown>> | null = null;
  #sent: Readonly<Record<string, unknown>> | null = null;
  #changes: string[] = [];
  #correctionCount = 0;
  #missingEndpointCount = 0;

  constructor(request: LlmRequest, forms: RequestForms) {
    this.#request = request;
    this.#forms = forms;
    this.#form = forms.formOf(request.model);
  }

  get request(): LlmRequest {
    return this.#request;
  }

  /** Adds what a service read in the files of the request, to be sent with it from now on. */
  addParsed(files: readonly ParsedFile[]): void {
    const annotations = files.map(({ annotation }) => annotation);
    this.#request = { ...this.#request, messages: giveFilesAgain(this.#request.messages, annotations) };
    this.#forgetBuilt();
  }

  body(): string {
    return buildBody(this.request, this.#form, this.#parameters);
  }

  /** Needed once for the body and twice for the receipt. */
  get #parameters(): Readonly<Record<string, unknown>> {
    this.#built ??= buildParameters(this.#request, this.#form, this.#callLimit);
    return this.#built;
  }

  /** True when the model was to use the web, and the server does not offer that. */
  get isWebRefused(): boolean {
    return this.request.web !== undefined && refusesWeb(this.#form);
  }

  /** What `body` has besides the messages and the user's pseudonym, for the receipt: the same object until it changes. */
  sentParameters(): Readonly<Record<string, unknown>> {
    if (this.#sent) return this.#sent;
    const { user: _user, ...parameters } = this.#parameters;
    this.#sent = parameters;
    return parameters;
  }

  #forgetBuilt(): void {
    this.#built = null;
    this.#sent = null;
  }

  /** Counts one more missing endpoint, and returns how many there were. */
  countMissingEndpoint(): number {
    this.#missingEndpointCount += 1;
    return this.#missingEndpointCount;
  }

  /** Learns from a refusal; true when the request is to be sent again at once. */
  correct(refusal: Refusal): boolean {
    if (this.#correctionCount >= maxCorrections) return false;
    this.#correctionCount += 1;
    const { messages, model, options } = this.request;
    const fields = Object.keys(this.#parameters);
    const correction = learnForm(refusal, {
      form: this.#form,
      // Fields that keep a prompt private are never dropped: otherwise the answer fails.
      fields: fields.filter((field) => field !== 'provider' || !isPrivate(options?.provider)),
      limitTokens: this.#form.limitName === null ? null : limitOf(this.request, this.#form, this.#callLimit),
      hasSystem: messages.some(({ role }) => role === 'system'),
      promptBytes: messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0),
    });
    if (correction === null) {
      // The refusal may be about what was learned earlier.
      if (refusal.status === 400 || refusal.status === 422) this.#forms.forget(model);
      return false;
    }
    this.#form = correction.form;
    this.#callLimit = correction.callLimit ?? this.#callLimit;
    this.#forgetBuilt();
    this.#changes.push(...correction.changes);
    if (!correction.isWorthRetrying) {
      // The server's own figure is right even if this request cannot be sent.
      const { contextTokens } = correction.form;
      this.#forms.keep(model, { ...this.#forms.formOf(model), contextTokens }, correction.changes);
    }
    return correction.isWorthRetrying;
  }

  /** Called when the server answers: the next request starts with this form. */
  confirm(): void {
    if (this.#changes.length === 0) return;
    this.#forms.keep(this.request.model, this.#form, this.#changes);
    this.#changes = [];
  }
}
