/** Makes exports as ChatGPT gives them, the same for the same options: a zip file with lists of conversations. */
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** Seconds between conversations, and between messages. */
const apartS = 3600;
const startS = 1_700_000_000;

/** A conversation of `turns` turns, with two versions of its last answer, of which the first was shown. */
export function sampleConversation(
  number: number,
  turns: number,
  answerText: (turn: number) => string,
): object {
  const mapping: Record<string, object> = { root: { id: 'root', message: null, parent: null } };
  const conversationS = startS + number * apartS;
  let parent = 'root';
  const add = (id: string, role: 'user' | 'assistant', text: string, timeS: number) => {
    const message = {
      id,
      author: { role, name: null, metadata: {} },
      create_time: timeS,
      content: { content_type: 'text', parts: [text] },
      status: 'finished_successfully',
      end_turn: role === 'assistant',
      weight: 1,
      metadata: role === 'assistant' ? { model_slug: 'gpt-4o', finish_details: { type: 'stop' } } : {},
      recipient: 'all',
      channel: null,
    };
    mapping[id] = { id, message, parent, children: [] };
  };
  for (let turn = 0; turn < turns; turn += 1) {
    const [question, answer] = [`c${number}-q${turn}`, `c${number}-a${turn}`];
    add(question, 'user', `Question ${turn} of conversation ${number}`, conversationS + 2 * turn);
    parent = question;
    add(answer, 'assistant', answerText(turn), conversationS + 2 * turn + 1);
    if (turn === turns - 1)
      add(`${answer}-again`, 'assistant', 'Another answer', conversationS + 2 * turn + 2);
    parent = answer;
  }
  return {
    id: `conversation-${number}`,
    conversation_id: `conversation-${number}`,
    title: `Conversation ${number}`,
    create_time: conversationS,
    update_time: conversationS + 2 * turns,
    mapping,
    current_node: `c${number}-a${turns - 1}`,
    default_model_slug: 'gpt-4o',
  };
}

/** Zips files by their names. */
export function zipOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  return buffer(zip.outputStream);
}
