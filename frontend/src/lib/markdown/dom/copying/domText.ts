/** Turns drawn markdown back into text: Markdown for a selection or a copy, CSV for a table. Only reads the DOM. */

/** Markdown of `node` with its descendants, without a final line end. */
export function toMarkdown(node: Node): string {
  return blocks(node).trim();
}

/** Rows of a table as comma-separated values (RFC 4180). */
export function toCsv(table: Element): string {
  return rowsOf(table)
    .map((row) => cellsOf(row).map((cell) => csvField(toPlainText(cell).trim())))
    .map((fields) => `${fields.join(',')}\r\n`)
    .join('');
}

/** Puts an apostrophe before text that a spreadsheet would run as a formula. Plain numbers stay as they are. */
function csvField(text: string): string {
  const isFormula = /^[\s\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r]/u.test(text) && !isNumber(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function isNumber(text: string): boolean {
  return (
    /^[+-]?(?:\d+|\d{1,3}(?:[,.\u00a0\u202f' ]\d{3})+)?(?:[.,]\d+)?(?:e[+-]?\d{1,3})?\s?[%€$£¥]?$/i.test(
      text,
    ) && /\d/.test(text)
  );
}

/** The text of `node` as it is read: each formula once, as TeX between dollars, and a line end for each line break. */
export function toPlainText(node: Node): string {
  if (node instanceof Text) return node.data;
  if (isLeftOut(node)) return '';
  if (node instanceof HTMLElement && node.dataset.tex !== undefined) return `$${node.dataset.tex}$`;
  if (node instanceof HTMLBRElement) return '\n';
  if (node instanceof HTMLInputElement) return node.checked ? '[x] ' : '[ ] ';
  return [...node.childNodes].map(toPlainText).join('');
}

const blockNames = new Set('P H1 H2 H3 H4 H5 H6 BLOCKQUOTE UL OL LI TABLE HR FIGURE PRE DIV'.split(' '));

function isBlockElement(node: Node): node is Element {
  return node instanceof Element && blockNames.has(node.tagName);
}

/** True for controls, which are not part of the text. */
export function isLeftOut(node: Node): boolean {
  return node instanceof Element && node.matches('.code-header, .table-tools, .visually-hidden');
}

function blocks(node: Node): string {
  if (node instanceof Element && isBlockElement(node)) return block(node);
  const parts: string[] = [];
  let line = '';
  const endLine = (): void => {
    if (line.trim() !== '') parts.push(line.trim());
    line = '';
  };
  for (const child of node.childNodes) {
    if (isLeftOut(child)) continue;
    if (!isBlockElement(child)) {
      line += inline(child);
      continue;
    }
    endLine();
    parts.push(block(child));
  }
  endLine();
  return parts.filter((part) => part !== '').join('\n\n');
}

function block(element: Element): string {
  const { tagName } = element;
  if (/^H[1-6]$/.test(tagName)) return `${'#'.repeat(Number(tagName[1]))} ${inlines(element)}`;
  switch (tagName) {
    case 'P':
      return inlines(element);
    case 'HR':
      return '---';
    case 'BLOCKQUOTE':
      return prefixLines(alertLine(element) + containerBlocks(element), '> ', '> ');
    case 'UL':
    case 'OL':
      return list(element);
    case 'LI':
      return containerBlocks(element);
    case 'TABLE':
      return table(element);
    case 'FIGURE':
    case 'PRE':
      return code(element);
    default:
      return element.matches('.math-display') ? inline(element) : containerBlocks(element);
  }
}

function alertLine(quote: Element): string {
  const alert = quote.getAttribute('data-alert');
  return alert === null ? '' : `[!${alert.toUpperCase()}]\n`;
}

function containerBlocks(element: Element): string {
  const inner = document.createDocumentFragment();
  inner.append(...[...element.childNodes].map((child) => child.cloneNode(true)));
  return blocks(inner);
}

function list(element: Element): string {
  const separator = element.hasAttribute('data-tight') ? '\n' : '\n\n';
  const start = Number(element.getAttribute('start') ?? 1);
  const items = [...element.querySelectorAll('li')].filter(
    (item) => item.parentElement?.closest('ul, ol') === element,
  );
  return items
    .map((item, index) => {
      const marker = element.tagName === 'OL' ? `${start + index}. ` : '- ';
      const text = containerBlocks(item);
      const isTight = separator === '\n';
      return prefixLines(isTight ? text.replaceAll('\n\n', '\n') : text, marker, ' '.repeat(marker.length));
    })
    .join(separator);
}

function prefixLines(text: string, first: string, others: string): string {
  return text
    .split('\n')
    .map((line, index) => (index === 0 ? first + line : `${others}${line}`).trimEnd())
    .join('\n');
}

function code(element: Element): string {
  const text = (element.querySelector('code') ?? element).textContent.replace(/\n$/, '');
  const longestRun = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longestRun + 1);
  const language = element instanceof HTMLElement ? (element.dataset.language ?? '') : '';
  return `${fence}${language}\n${text}\n${fence}`;
}

function rowsOf(table: Element): Element[] {
  return [...table.querySelectorAll('tr')];
}

function cellsOf(row: Element): Element[] {
  return [...row.querySelectorAll('th, td')];
}

const delimiters: Readonly<Record<string, string>> = { left: ':--', center: ':-:', right: '--:' };

function table(element: Element): string {
  const [head, ...rows] = rowsOf(element);
  if (!head) return '';
  const line = (row: Element): string =>
    `| ${cellsOf(row)
      .map((cell) => inlines(cell).replaceAll('\\\n', '<br>').replaceAll('|', '\\|'))
      .join(' | ')} |`;
  const columns = cellsOf(head).map((cell) => delimiters[cell.getAttribute('data-align') ?? ''] ?? '---');
  return [line(head), `| ${columns.join(' | ')} |`, ...rows.map(line)].join('\n');
}

function inlines(node: Node): string {
  return [...node.childNodes].map(inline).join('').trim();
}

function inline(node: Node): string {
  if (node instanceof Text) return node.data;
  if (!(node instanceof HTMLElement) || isLeftOut(node)) return '';
  if (node.dataset.tex !== undefined) {
    return node.matches('.math-display') ? `$$\n${node.dataset.tex}\n$$` : `$${node.dataset.tex}$`;
  }
  switch (node.tagName) {
    case 'STRONG':
      return wrap(node, '**');
    case 'EM':
      return wrap(node, '*');
    case 'S':
      return wrap(node, '~~');
    case 'CODE':
      return inlineCode(node.textContent);
    case 'BR':
      return '\\\n';
    case 'INPUT':
      return node instanceof HTMLInputElement && node.checked ? '[x] ' : '[ ] ';
    case 'A': {
      const address = node.getAttribute('href');
      const words = [...node.childNodes].map(inline).join('');
      if (address === null || node.matches('.image-card-host')) return address ?? words;
      return words === address ? address : `[${words}](${address})`;
    }
    case 'BUTTON':
      return '';
    default:
      return [...node.childNodes].map(inline).join('');
  }
}

function wrap(node: Node, marker: string): string {
  const words = [...node.childNodes].map(inline).join('');
  return words === '' ? '' : `${marker}${words}${marker}`;
}

function inlineCode(text: string): string {
  const longestRun = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const marker = '`'.repeat(longestRun + 1);
  const isPadded = text.startsWith('`') || text.endsWith('`');
  return isPadded ? `${marker} ${text} ${marker}` : `${marker}${text}${marker}`;
}
