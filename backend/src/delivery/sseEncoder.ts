/** Encodes frames of runs and of the feed as Rill's protocol sends them: server-sent events with JSON. */
import { frameEnd, frameHead, heartbeatComment, streamPreamble } from '@rill/protocol';
import type { FrameEncoder } from './frameEncoder.ts';

export const sseEncoder: FrameEncoder = {
  contentType: 'text/event-stream; charset=utf-8',
  preamble: streamPreamble,
  heartbeat: heartbeatComment,
  encode(frame) {
    const head = frameHead(frame.id, frame.type);
    if (frame.range === null) return { head, parts: frame.dataParts, range: null, tail: frameEnd };
    if (frame.dataJson !== null)
      return { head: head + frame.dataJson, parts: [], range: null, tail: frameEnd };
    const textHead = `${head}{"${textField[frame.type]}":"`;
    return { head: textHead, parts: [], range: frame.range, tail: textTail };
  },
};

/** The data field that contains the text of an event. */
const textField = { chunk: 'content', reasoning: 'reasoning' } as const;

const textTail = `","done":false}${frameEnd}`;
