/** Everything both sides agree on; see PROTOCOL.md. */
export * from './blankMessage.ts';
export * from './cursor.ts';
export * from './entities.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './feed.ts';
export * from './feedFrames.ts';
export * from './fold.ts';
export * from './frames.ts';
export * from './isCutShort.ts';
export * from './routes.ts';
export * from './sseParser.ts';
export * from './sumUsage.ts';
