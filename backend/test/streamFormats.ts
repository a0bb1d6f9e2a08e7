/** Defines the formats in which tests read a stream: Rill's own, and plain lines of JSON, which no product code uses. */
import { StringDecoder } from 'node:string_decoder';
import { createSseParser, type SseParserOptions } from '@rill/protocol';
import type { FrameEncoder } from '../src/delivery/frameEncoder.ts';
import { sseEncoder } from '../src/delivery/sseEncoder.ts';

export type FrameMessage = Parameters<SseParserOptions['onMessage']>[0];

/** An encoder, and a reader of its output. */
export interface StreamFormat {
  readonly encoder: FrameEncoder;
  createParser(options: {
    readonly onMessage: (message: FrameMessage) => void;
    readonly onHeartbeat: (text: string) => void;
  }): { feed(bytes: Uint8Array): void };
}

export const rillFormat: StreamFormat = {
  encoder: sseEncoder,
  createParser: ({ onMessage, onHeartbeat }) => createSseParser({ onMessage, onComment: onHeartbeat }),
};

/** A frame is one line, `{"id":…,"type":…,"data":…}`; an empty line is a heartbeat. */
export const jsonLinesFormat: StreamFormat = {
  encoder: {
    contentType: 'application/x-ndjson',
    preamble: '',
    heartbeat: '\n',
    encode(frame) {
      const head = `{"id":${JSON.stringify(frame.id)},"type":"${frame.type}","data":`;
      if (frame.range === null) return { head, parts: frame.dataParts, range: null, tail: '}\n' };
      const field = frame.type === 'chunk' ? 'content' : 'reasoning';
      return { head: `${head}{"done":false,"${field}":"`, parts: [], range: frame.range, tail: '"}}\n' };
    },
  },
  createParser({ onMessage, onHeartbeat }) {
    const decoder = new StringDecoder('utf8');
    let open = '';
    return {
      feed(bytes) {
        const lines = (open + decoder.write(Buffer.from(bytes))).split('\n');
        open = lines.pop() ?? '';
        for (const line of lines) {
          if (line === '') onHeartbeat('heartbeat');
          else onMessage(readLine(line));
        }
      },
    };
  },
};

function readLine(line: string): FrameMessage {
  const { id, type, data } = JSON.parse(line);
  return { id, event: type, data: JSON.stringify(data) };
}
