/**
 * Turns a server's refusal into the form in which it may accept the same request. Pure. It matches words that servers have
 * in common, because no server names the refused field in a code.
 */
import type { RequestForm } from '../wire/requestForm.ts';
import { webFields } from '../wire/webTools.ts';
import type { Correction, Refusal, SentRequest } from './correction.ts';
import { learnLength } from './learnLength.ts';

/** Statuses of a refused form; others are about the key, the balance or a temporary failure. */
const statusesOfRefusals = new Set<number | null>([null, 400, 404, 405, 406, 409, 413, 415, 422, 500, 501]);

const refusing = new RegExp(
  [
    'unsupported|unknown|unrecogni[sz]ed|unexpected|unused|invalid|illegal|forbidden|deprecated|disallowed',
    'extra[ _](?:inputs?|fields?|param|forbidden|argument|key)|additional propert|excess|superfluous',
    '(?:is|are|do|does|can|could|may|must|should|was|were|has|have)(?:n.t| not| no longer)\\b|cannot|\\bnot[ _](?:supported|permitted|allowed|recogni[sz]ed|accepted|implemented|enabled|valid|expected|available|known)',
    'no such|only the default|removed|doesnt|no (?:field|parameter|property|support)|not? support|refuse|reject',
    'use [\'"`]?max_completion_tokens|instead',
  ].join('|'),
  'i',
);
const rangeWords =
  /\bbetween\b|\bat most\b|\bat least\b|less than|greater than|<=|>=|\brange\b|\bmaximum\b|\bminimum\b/i;

/** Fields whose names are ordinary words, which a sentence may contain without meaning the field. */
const ordinaryWords = new Set([
  'stream',
  'stop',
  'user',
  'models',
  'provider',
  'reasoning',
  'seed',
  'temperature',
]);
const neverLeftOut = new Set(['model', 'messages']);
/** Fields whose value the user chose; the user must see that a value is wrong. */
const valuesOfUsers = new Set(['temperature', 'top_p', 'seed', 'stop', 'reasoning', 'reasoning_effort']);
/** Fields that a server with only the basic protocol need not know. */
const beyondTheProtocol = [
  'stream_options',
  'user',
  'models',
  'provider',
  'reasoning',
  'reasoning_effort',
  'seed',
  'cache_control',
  'plugins',
  'modalities',
  ...webFields,
];

/** Null when the refusal is not about the request's form, or names nothing new. */
export function learnForm(refusal: Refusal, sent: SentRequest): Correction | null {
  if (!statusesOfRefusals.has(refusal.status)) return null;
  return (
    learnLength(refusal.text, sent) ??
    learnTools(refusal.text, sent) ??
    learnFields(refusal.text, sent) ??
    learnSystem(refusal.text, sent) ??
    learnBareProtocol(refusal, sent)
  );
}

function learnFields(text: string, sent: SentRequest): Correction | null {
  if (!refusing.test(text)) return null;
  const named = sent.fields.filter(
    (field) => !neverLeftOut.has(field) && isNamed(text, field) && !isWrongValue(text, field),
  );
  // "Only one of temperature and top_p": the second is left out.
  const refused = /\bboth\b|only one of/i.test(text) && named.length === 2 ? named.slice(1) : named;
  if (refused.length === 0) return null;
  const limitIsRefused = refused.some((field) => field === sent.form.limitName);
  const leftOut = refused.filter((field) => field !== sent.form.limitName);
  const form: RequestForm = {
    ...sent.form,
    leftOut: [...new Set([...sent.form.leftOut, ...leftOut])].sort(),
    ...(limitIsRefused && { limitName: otherLimitName(sent.form) }),
  };
  return { form, callLimit: null, isWorthRetrying: true, changes: refused };
}

/** Any word about tools, and "Input should be 'function'", the only kind that most servers know. */
const aboutTools =
  /\btools?\b|\btool[ _]?(?:use|calls?|calling|choice)\b|\bfunction[ _-]?call|['"`]function['"`]|openrouter:web_|stop_server_tools_when/i;

/** Servers have many words for tools that they do not know, and a request with none has no other reason to name them. */
function learnTools(text: string, sent: SentRequest): Correction | null {
  const leftOut = webFields.filter((field) => sent.fields.includes(field));
  if (leftOut.length === 0 || !aboutTools.test(text)) return null;
  return {
    form: { ...sent.form, leftOut: [...new Set([...sent.form.leftOut, ...leftOut])].sort() },
    callLimit: null,
    isWorthRetrying: true,
    changes: leftOut,
  };
}

/** The other name of the limit; after both were refused, none. */
function otherLimitName({ limitName }: RequestForm): RequestForm['limitName'] {
  return limitName === 'max_tokens' ? 'max_completion_tokens' : null;
}

const escapeDots = (name: string): string => name.replaceAll('_', '[_ ]?');

function isNamed(text: string, field: string): boolean {
  const name = escapeDots(field);
  if (field === 'stream' && /stream(?:ing|ed)? (?:is|are|mode|responses?|output)\b/i.test(text)) return true;
  if (field.startsWith('reasoning') && /\b(?:reasoning|thinking)\b/i.test(text)) return true;
  if (field === 'stream_options' && /include_?usage/i.test(text)) return true;
  if (!ordinaryWords.has(field)) return new RegExp(`(?<![\\w])${name}(?![\\w])`, 'i').test(text);
  // In quotes, after `body.`, before a colon, or as the subject of a sentence.
  const marked = `['"\`‘“]${name}['"\`’”]|body\\.${name}\\b|^${name}\\b|\\b(?:parameter|argument|field|property|input|key|name|option)s?(?: supplied)?:? ${name}\\b|\\b${name} (?:parameter|argument|field|property|option|is|value)\\b`;
  return new RegExp(marked, 'im').test(text) && !(field === 'user' && /\broles?\b/i.test(text));
}

/** "temperature must be between 0 and 1" is about the value, "only the default is supported" about the field. */
function isWrongValue(text: string, field: string): boolean {
  return valuesOfUsers.has(field) && rangeWords.test(text) && !/only the default|not support/i.test(text);
}

const aboutSystem =
  /\bsystem\b[^.\n]{0,20}\b(?:roles?|messages?|prompts?|instructions?)|\broles?\b[^.\n]{0,60}\bsystem\b|\broles?\b[^.\n]{0,40}\b(?:must|should) be\b[^.\n]{0,20}(?:user|assistant)|['"`]system['"`]|developer (?:role|message|instruction)|system_?(?:role|message|instruction|prompt)|only user and assistant roles|roles? must (?:alternate|take turns)|(?:must|should|has to) (?:start|begin) with (?:an? )?['"`]?user|first (?:message|turn|role)[^.\n]{0,30}user/i;

function learnSystem(text: string, sent: SentRequest): Correction | null {
  if (!sent.hasSystem || sent.form.foldsSystem || !aboutSystem.test(text)) return null;
  if (!refusing.test(text) && !/\bmust\b|\bonly\b|\bshould\b/i.test(text)) return null;
  return {
    form: { ...sent.form, foldsSystem: true },
    callLimit: null,
    isWorthRetrying: true,
    changes: ['system'],
  };
}

/** An unknown field is refused, but not named. */
function learnBareProtocol({ status, text }: Refusal, sent: SentRequest): Correction | null {
  const isAboutFields =
    /extra[ _](?:inputs?|fields?|param|forbidden|argument|key)|additional propert|(?:unrecogni[sz]ed|unknown|unexpected|unsupported) (?:request )?(?:argument|field|parameter|property|propertie|key|input)/i;
  if ((status !== 400 && status !== 422) || !isAboutFields.test(text)) return null;
  const leftOut = beyondTheProtocol.filter((field) => sent.fields.includes(field));
  if (leftOut.length === 0) return null;
  return {
    form: { ...sent.form, leftOut: [...new Set([...sent.form.leftOut, ...leftOut])].sort() },
    callLimit: null,
    isWorthRetrying: true,
    changes: leftOut,
  };
}
