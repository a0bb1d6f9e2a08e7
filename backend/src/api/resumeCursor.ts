/** The place that a reader of an event stream goes on from. */

export interface ResumeRequest {
  Querystring: { cursor?: string };
  Headers: { 'last-event-id'?: string };
}

/** EventSource keeps the query of its first request, so the header is the newer of the two. Null when there is none. */
export function cursorOf(request: {
  readonly headers: ResumeRequest['Headers'];
  readonly query: ResumeRequest['Querystring'];
}): string | null {
  return request.headers['last-event-id'] || request.query.cursor || null;
}
