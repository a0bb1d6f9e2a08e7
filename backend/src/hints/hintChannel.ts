/** Defines a channel for hints between processes. A driver is one file next to this one. */

export interface ChannelMessage {
  /** The process start that receives it. */
  readonly bootId: string;
  /** At most 8,000 bytes. */
  readonly text: string;
}

export interface HintChannel {
  /** Sends the messages together. Errors: the driver's; nothing is sent again. */
  send(messages: readonly ChannelMessage[]): Promise<void>;
  close(): Promise<void>;
}

export interface ChannelOptions {
  /** This process start, which receives the messages addressed to it. */
  readonly bootId: string;
  readonly onText: (text: string) => void;
  readonly logger: ChannelLogger;
}

export interface ChannelLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Opens a channel, which connects in the background and reconnects by itself. */
export type OpenChannel = (options: ChannelOptions) => HintChannel;
