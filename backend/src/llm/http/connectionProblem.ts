/**
 * Describes in one sentence why a connection to the provider failed, if the operator can fix the cause: a certificate,
 * a name, a port, a proxy, a redirect. It also says whether a retry can help.
 */

export interface ConnectionProblem {
  readonly sentence: string;
  readonly isRetryable: boolean;
}

/** The address cannot be used: a proxy refused, or a redirect leads elsewhere. Stays inside the stage. */
export class WrongAddress extends Error {
  readonly problem: ConnectionProblem;

  constructor(sentence: string) {
    super(sentence);
    this.problem = { sentence, isRetryable: false };
  }
}

const untrusted =
  /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_UNTRUSTED|CERT_CHAIN_TOO_LONG|INVALID_CA|INVALID_PURPOSE|CERT_SIGNATURE_FAILURE|CERT_REJECTED)$/;
const brokenTls = /^(?:EPROTO|ERR_SSL_\w+|ERR_TLS_\w+)$/;

/** Null when the error says only that the connection failed. */
export function describeConnectionError(error: unknown): ConnectionProblem | null {
  if (error instanceof WrongAddress) return error.problem;
  const code = codeOf(error, 0);
  return code === null ? null : describeCode(code);
}

function describeCode(code: string): ConnectionProblem | null {
  if (untrusted.test(code)) {
    return final(
      `The certificate of the model provider is not trusted (${code}). If it is your own, set NODE_EXTRA_CA_CERTS to the file of its authority and start again.`,
    );
  }
  if (code === 'CERT_HAS_EXPIRED')
    return final('The certificate of the model provider has expired (CERT_HAS_EXPIRED).');
  if (code === 'CERT_NOT_YET_VALID') {
    return final(
      'The certificate of the model provider is not valid yet (CERT_NOT_YET_VALID): look at the clock of this server.',
    );
  }
  if (code === 'CERT_REVOKED')
    return final('The certificate of the model provider was revoked (CERT_REVOKED).');
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return final(
      'The certificate of the model provider is for another name (ERR_TLS_CERT_ALTNAME_INVALID): look at OPENROUTER_BASE_URL.',
    );
  }
  if (brokenTls.test(code)) {
    return final(
      `The model provider did not answer as an https address does (${code}): is it an http address in OPENROUTER_BASE_URL?`,
    );
  }
  return describeNetwork(code);
}

function describeNetwork(code: string): ConnectionProblem | null {
  if (code === 'ENOTFOUND')
    return again('The name of the model provider was not found (ENOTFOUND): look at OPENROUTER_BASE_URL.');
  if (code === 'EAI_AGAIN')
    return again('The name of the model provider could not be looked up just now (EAI_AGAIN).');
  if (code === 'ECONNREFUSED')
    return again('The model provider refused the connection (ECONNREFUSED): is it running at its address?');
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH')
    return again(`There is no way to the model provider in the network (${code}).`);
  if (code === 'EMFILE' || code === 'ENFILE')
    return again(`This server has no file left to open a connection with (${code}).`);
  return null;
}

const final = (sentence: string): ConnectionProblem => ({ sentence, isRetryable: false });
const again = (sentence: string): ConnectionProblem => ({ sentence, isRetryable: true });

/** The code of the error, of one that it aggregates, or of its cause. */
function codeOf(error: unknown, depth: number): string | null {
  if (!(error instanceof Error) || depth > 4) return null;
  const own = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (own !== null && !own.startsWith('UND_ERR')) return own;
  const inner: unknown[] = error instanceof AggregateError ? error.errors : [];
  for (const each of [...inner, error.cause]) {
    const code = codeOf(each, depth + 1);
    if (code !== null) return code;
  }
  return null;
}
