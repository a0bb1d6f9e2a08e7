/** Tests that an archive keeps nothing of the chats that it has written, however many they are. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { openTestDatabase, storeChat } from '../../test/testDatabase.ts';
import { openFolderFileStore } from '../files/folderFileStore.ts';
import { localOwnerId as ownerId } from '../store/seed.ts';
import { writeArchive } from './writeArchive.ts';

const chatCount = 600;
/** A third of what they keep when the name of each is a part of the pool of small buffers. */
const mostKeptBytes = 4_000_000;

it('keeps no buffer of each chat that it has written', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: unknown = runInNewContext('gc');
  if (typeof collectGarbage !== 'function') throw new Error('The garbage cannot be collected.');
  const test = await openTestDatabase();
  for (let chat = 0; chat < chatCount; chat += 1) await storeChat(test);
  const files = await openFolderFileStore(`${test.dataDirectory}/files`);
  const kept: number[] = [];
  let bytes = 0;
  for await (const chunk of writeArchive({ database: test.database, files, ownerId })) {
    bytes += chunk.length;
    if (bytes < kept.length * 8192) continue;
    collectGarbage();
    kept.push(process.memoryUsage().arrayBuffers);
  }
  expect(kept.length).toBeGreaterThan(8);
  expect(Math.max(...kept) - Math.min(...kept)).toBeLessThan(mostKeptBytes);
  await test.close();
});
