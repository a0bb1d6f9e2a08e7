/** Makes small conversations of every product, for tests. */
import { answer, conversation, user } from '../products/chatGptTestBench.ts';

export const at = '2026-03-01T10:00:00.000Z';
/** The same time. */
export const seconds = 1_772_323_200;

/** A conversation of a question and its answer, as each product writes it. */
export const products: Readonly<Record<string, (name: string) => object>> = {
  chatgpt: (name) =>
    conversation([user('q', null, `${name}?`), answer('a', 'q', `${name}.`)], {
      id: name,
      conversation_id: name,
      title: name,
    }),
  claude: (name) => ({
    uuid: name,
    name,
    created_at: at,
    updated_at: at,
    chat_messages: [
      {
        uuid: `${name}-q`,
        sender: 'human',
        text: '',
        content: [{ type: 'text', text: `${name}?` }],
        created_at: at,
      },
      {
        uuid: `${name}-a`,
        sender: 'assistant',
        text: '',
        content: [{ type: 'text', text: `${name}.` }],
        created_at: at,
      },
    ],
  }),
  'open-webui': (name) => ({
    id: name,
    title: name,
    created_at: seconds,
    updated_at: seconds,
    chat: {
      title: name,
      history: {
        currentId: 'a',
        messages: {
          q: {
            id: 'q',
            parentId: null,
            childrenIds: ['a'],
            role: 'user',
            content: `${name}?`,
            timestamp: seconds,
          },
          a: {
            id: 'a',
            parentId: 'q',
            childrenIds: [],
            role: 'assistant',
            content: `${name}.`,
            timestamp: seconds,
          },
        },
      },
    },
  }),
  librechat: (name) => ({
    conversationId: name,
    title: name,
    endpoint: 'openAI',
    messages: [
      {
        messageId: 'q',
        parentMessageId: '00000000-0000-0000-0000-000000000000',
        isCreatedByUser: true,
        text: `${name}?`,
        createdAt: at,
      },
      { messageId: 'a', parentMessageId: 'q', isCreatedByUser: false, text: `${name}.`, createdAt: at },
    ],
  }),
  'chat-ui': (name) => ({
    _id: name,
    title: name,
    createdAt: at,
    updatedAt: at,
    messages: [
      { id: 'q', from: 'user', content: `${name}?`, ancestors: [], children: ['a'], createdAt: at },
      { id: 'a', from: 'assistant', content: `${name}.`, ancestors: ['q'], children: [], createdAt: at },
    ],
  }),
};
