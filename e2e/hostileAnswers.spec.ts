/** Tests answers that are made to be slow, deep or endless: none of them prevents the page from opening with it. */
import { ChatPage } from './support/chatPage.ts';
import { expect, test } from './support/rillTest.ts';

const nest = (open: string, close: string, depth: number, middle = 'x'): string =>
  open.repeat(depth) + middle + close.repeat(depth);
const letters = (count: number): string => 'abcdefghij'.repeat(count / 10);

const kinds: readonly [kind: string, text: string][] = [
  ['200 nested fractions', `$${nest('\\frac{1}{', '}', 200)}$`],
  ['300 nested roots', `$${nest('\\sqrt{', '}', 300)}$`],
  ['500 nested exponents', `$${nest('x^{', '}', 500)}$`],
  ['a macro of 500 letters used 100 times', `$\\def\\a{${letters(500)}}${'\\a '.repeat(100)}$`],
  ['a macro of 1,000 letters used 200 times', `$\\def\\a{${letters(1000)}}${'\\a '.repeat(200)}$`],
  [
    'macros that double each other',
    `$\\def\\a{xx}\\def\\b{\\a\\a}\\def\\c{\\b\\b}\\def\\d{\\c\\c}${'\\d\\d'.repeat(500)}$`,
  ],
  ['emphasis 2,000 deep', nest('*a ', ' b*', 2000)],
  ['emphasis 1,500 deep of both kinds', nest('**_', '_**', 1500)],
  ['4,000 asterisks around a letter', nest('*', '*', 4000)],
  ['quotes 2,000 deep', `${'> '.repeat(2000)}x`],
  ['lists 500 deep', Array.from({ length: 500 }, (_, depth) => `${'  '.repeat(depth)}- item`).join('\n')],
  ['pictures that begin and never end', '![[]()'.repeat(3000)],
  ['formulas that begin and never end', '\\('.repeat(10_000)],
  ['emphasis that begins with letters', '*a_ '.repeat(5000)],
  ['links 3,000 deep', nest('[', '](u)', 3000)],
  ['100,000 blanks', `a${' '.repeat(100_000)}x`],
  ['a table of few columns and 5,000 empty rows', `|a|b|\n|-|-|\n${'||\n'.repeat(5000)}`],
  [
    'a table of 300 columns and short rows',
    `${'|a'.repeat(300)}|\n${'|-'.repeat(300)}|\n${'|x\n'.repeat(500)}`,
  ],
  ['CDATA openings', '<![CDATA['.repeat(3000)],
  ['one line of 300,000 letters', letters(300_000)],
  ['a heading of 100,000 letters', `# ${letters(100_000)}`],
  ['one line of code of 200,000 characters', `\`\`\`js\n${'a=1;'.repeat(50_000)}\n\`\`\``],
];

test('each hostile answer opens as the newest chat, with its first and last words, and leaves the page usable', async ({
  page,
  rill,
}) => {
  test.setTimeout(600_000);
  const chat = new ChatPage(page);
  let crashes = 0;
  page.on('crash', () => {
    crashes += 1;
  });
  const api = `${rill.url}/api/projects`;
  const post = async (path: string, body: object) => {
    const response = await page.request.post(path, { data: body });
    expect(response.ok(), `${path}: ${response.status()}`).toBe(true);
    return response.json();
  };
  const { projects } = await (await page.request.get(api)).json();
  const chats = `${api}/${projects[0].id}/chats`;
  for (const [kind, text] of kinds) {
    const { id } = await post(chats, {});
    rill.simulator.nextScript('demo/quick', [{ delta: `First words.\n\n${text}\n\nLast words.` }]);
    await post(`${chats}/${id}/messages`, { content: kind, model: 'demo/quick' });
    await page.goto('/');
    await expect(chat.composer, kind).toBeVisible();
    await expect(chat.lastAnswer, kind).toContainText('First words.');
    await expect(chat.lastAnswer, kind).toContainText('Last words.', { timeout: 30_000 });
    await chat.composer.fill(`After ${kind}`);
    await expect(chat.composer, kind).toHaveValue(`After ${kind}`);
  }
  expect(crashes).toBe(0);
  expect(chat.complaints).toEqual([]);
});
