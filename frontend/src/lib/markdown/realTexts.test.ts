/**
 * Tests constructs of real answers: CJK emphasis and links, line breaks in tables, alerts, packages that look like mail
 * addresses.
 */
import { describe, expect, test } from 'vitest';
import { cut, mismatch, treeHtml } from './markdownTestBench.ts';
import { parseDocument } from './parseDocument.ts';

const html = (markdown: string): string => treeHtml(parseDocument(markdown));
/** Texts of the elements of one name. */
const textsOf = (name: string, markdown: string): string[] =>
  [...html(markdown).matchAll(new RegExp(`<${name}(?: [^>]*)?>(.*?)</${name}>`, 'g'))].map(
    ([, text = '']) => text,
  );

describe('emphasis beside CJK punctuation', () => {
  test.each([
    ['这一步**很重要。**不要跳过。', ['很重要。']],
    ['请先打开**“设置”**页面。', ['“设置”']],
    ['他说**（注意）**后离开。', ['（注意）']],
    ['結論：**動作します。**ただし遅い。', ['動作します。']],
    ['이것은 **중요합니다(필수).**그러니 읽으세요.', ['중요합니다(필수).']],
    ['`code`**加粗**文字，再看**`--force`**选项。', ['加粗', '<code>--force</code>']],
    ['**标题：**第一条，**说明：**第二条，**备注：**第三条。', ['标题：', '说明：', '备注：']],
    ['**「引用」**と**『書名』**。', ['「引用」', '『書名』']],
    ['価格は**￥100**です', ['￥100']],
    ['**𠮷野家。**へ行く', ['𠮷野家。']],
  ])('%s', (markdown, bold) => {
    expect(textsOf('strong', markdown)).toEqual(bold);
    expect(html(markdown)).not.toContain('*');
  });

  test('Latin text keeps the rules of CommonMark', () => {
    expect(textsOf('strong', 'a**"b"**c')).toEqual([]);
    expect(textsOf('strong', 'snake__case__name')).toEqual([]);
  });
});

describe('<br>', () => {
  test.each(['<br>', '<br/>', '<br />', '<BR>', '<Br  />'])('%s is a line break, in cells too', (tag) => {
    expect(html(`a${tag}b`)).toBe('<p>a<br>b</p>');
    expect(textsOf('td', `| h |\n| --- |\n| a${tag}b |`)).toEqual(['a<br>b']);
  });

  test.each(['<br onclick="alert(1)">', '<brr>', '< br>', '</br>', '<br', '<br x/>'])(
    '%s stays text',
    (tag) => {
      expect(html(`a${tag} b`)).not.toContain('<br>');
    },
  );

  test('in code it stays code', () => {
    expect(html('`a<br>b`')).toBe('<p><code>a&lt;br&gt;b</code></p>');
  });
});

describe('addresses in plain text', () => {
  test.each([
    ['文档在https://example.com/文档/安装，请看。', 'https://example.com/文档/安装'],
    ['请访问 https://example.com/a。然后登录。', 'https://example.com/a'],
    ['（见 https://example.com/b）以及', 'https://example.com/b'],
    ['「https://example.com/c」。', 'https://example.com/c'],
    ['“https://example.com/d”', 'https://example.com/d'],
    ['https://example.com/e；好', 'https://example.com/e'],
    ['https://example.com/f？好', 'https://example.com/f'],
    ['https://example.com/g…', 'https://example.com/g'],
    ['https://example.com/wiki/Salt_(chemistry) and', 'https://example.com/wiki/Salt_(chemistry)'],
    ['(https://example.com/h).', 'https://example.com/h'],
    ['write to user@example.com.', 'user@example.com'],
    ['user@163.com', 'user@163.com'],
  ])('%s', (markdown, address) => {
    expect(textsOf('a', markdown)).toEqual([address]);
  });

  test.each([
    'react@18.2.0',
    '@scope/pkg@1.0.0',
    'pkg@1.0.0-beta.x',
    'vue@3.x and foo@v1.2.3',
    'main.rs, build.sh, README.md, a.zip, index.ts, node.js',
  ])('%s contains none', (markdown) => {
    expect(textsOf('a', markdown)).toEqual([]);
  });
});

describe('alerts', () => {
  const alertOf = (markdown: string) => {
    const [node] = parseDocument(markdown);
    return node?.kind === 'element' ? node.attributes.alert : undefined;
  };

  test.each(['note', 'tip', 'important', 'warning', 'caution'])('a quote that begins with [!%s]', (name) => {
    for (const word of [name, name.toUpperCase()]) {
      expect(alertOf(`> [!${word}]\n> Mind the gap.`)).toBe(name);
      expect(html(`> [!${word}]\n> Mind the gap.`)).toContain('<p>Mind the gap.</p>');
      expect(alertOf(`> [!${word}]  \n>\n> Mind the gap.`)).toBe(name);
      expect(alertOf(`> [!${word}]`)).toBe(name);
    }
  });

  test.each(['> [!TIP] and more', '> [!OTHER]\n> x', '> text\n>\n> [!TIP]\n> x', '[!TIP]\nx', '> - [!TIP]'])(
    '%j is not one',
    (markdown) => {
      expect(alertOf(markdown)).toBeUndefined();
    },
  );
});

test('all texts streamed in slices of any size equal one parse', () => {
  const texts = [
    '> [!TIP]\n> a\n>\n> - b\n> - c\n>\n> [!NOTE]\n\n> [!WARNING]\n>\n> ```\n> x\n> ```\n\nend',
    '- > [!NOTE]\n  > a\n\n- b\n\n> [!CAUTION]\nlazy\n\n> [!TI',
    '| a | b |\n| --- | --- |\n| x<br>y | **好。**z |\n| user@example.com<br/> | react@1.0.0 |',
    '这**很重要。**不要https://example.com/a。**“x”**<br>y <br/',
  ];
  for (const text of texts) {
    for (const size of [1, 2, 3, 7, 40]) expect(mismatch(cut(text, size)), text).toBeNull();
  }
});
