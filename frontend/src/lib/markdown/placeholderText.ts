/**
 * Turns a tree into the words that a reader sees, one line per block. They take the place of a text until it is drawn.
 */
import type { ElementName, ElementNode, TreeNode } from './tree/tree.ts';
import { wholeTextSteps } from './wholeText.ts';

const inlineNames: ReadonlySet<ElementName> = new Set(['em', 'strong', 's', 'code', 'a']);

export function placeholderText(nodes: readonly TreeNode[]): string {
  const lines: string[] = [''];
  for (const node of nodes) addWords(node, lines);
  return lines.filter((line) => line !== '').join('\n');
}

/** Characters that begin or end a construct, or may do so. */
const mark = /[\\`*_~[\]<>&!#|$]|^[ \t]*(?:[-+=:]|\d+[.)]|\t| {4})|https?:|www\./m;

/** True for a source that has no Markdown, so that it is shown unchanged. */
export function isShownAsWritten(source: string): boolean {
  return !mark.test(source);
}

/**
 * The words of `source`, in steps that are short enough for a busy page. A source that cannot be parsed is returned as
 * it is.
 */
export function* placeholderTextSteps(source: string, isCut: boolean): Generator<void, string> {
  let nodes: readonly TreeNode[] = [];
  try {
    for (const step of wholeTextSteps(source, isCut)) {
      nodes = step.finishedNodes;
      yield;
    }
    return placeholderText(nodes);
  } catch {
    return source;
  }
}

/**
 * Adds the words of a node: inline words continue the last line, a block gets its own lines, and the cells of a row
 * share one.
 */
function addWords(node: TreeNode, lines: string[]): void {
  const inline = inlineWords(node);
  if (inline !== null) addInline(inline, lines);
  else if (node.kind === 'code') lines.push(node.chunks.join(''), '');
  else if (node.kind === 'math') lines.push(node.source, '');
  else if (node.kind === 'element') addElement(node, lines);
}

/** The words of an inline node; null for a block. */
function inlineWords(node: TreeNode): string | null {
  if (node.kind === 'text') return node.text.replaceAll('\n', ' ');
  if (node.kind === 'image') return node.alternativeText;
  return node.kind === 'math' && !node.isDisplay ? node.source : null;
}

function addElement({ name, children }: ElementNode, lines: string[]): void {
  const isCell = name === 'th' || name === 'td';
  const isBlock = !isCell && !inlineNames.has(name);
  if (isBlock) lines.push('');
  if (isCell && lines.at(-1) !== '') addInline(' ', lines);
  addChildren(children, lines);
  if (isBlock) lines.push('');
}

function addInline(words: string, lines: string[]): void {
  lines.push((lines.pop() ?? '') + words);
}

function addChildren(children: readonly TreeNode[], lines: string[]): void {
  for (const child of children) addWords(child, lines);
}
