/** Provides what the engine's tests share: cutting, streaming, and comparing trees as text. */
import { MarkdownStream } from './markdownStream.ts';
import { parseDocument } from './parseDocument.ts';
import type { TreeNode } from './tree/tree.ts';

/** Cuts a text into slices of `sizeCharacters`. */
export function cut(text: string, sizeCharacters: number): string[] {
  const slices: string[] = [];
  for (let offset = 0; offset < text.length; offset += sizeCharacters) {
    slices.push(text.slice(offset, offset + sizeCharacters));
  }
  return slices;
}

/** Cuts a text into slices of 1 to `maxCharacters`, as `random` decides. */
export function cutAtRandom(text: string, maxCharacters: number, random: () => number): string[] {
  const slices: string[] = [];
  for (let offset = 0; offset < text.length; ) {
    const size = 1 + Math.floor(random() * maxCharacters);
    slices.push(text.slice(offset, offset + size));
    offset += size;
  }
  return slices;
}

export function streamed(slices: readonly string[]): MarkdownStream {
  const stream = new MarkdownStream();
  for (const slice of slices) stream.append(slice);
  stream.finish();
  return stream;
}

/** Writes the drawing as text; equal drawings have equal texts. */
export function treeText(nodes: readonly TreeNode[]): string {
  return JSON.stringify(nodes, (key, value) => {
    if (key === 'settledCount') return undefined;
    return key === 'attributes' ? Object.fromEntries(Object.entries(value).sort()) : value;
  });
}

/** Both trees if streaming `slices` gives another tree than one parse of the whole text; null if they are equal. */
export function mismatch(slices: readonly string[]): { streamed: string; expected: string } | null {
  const shown = treeText(streamed(slices).finishedNodes);
  const expected = treeText(parseDocument(slices.join('')));
  return shown === expected ? null : { streamed: shown, expected };
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** HTML of trees, for comparison with the output of other parsers. */
export function treeHtml(nodes: readonly TreeNode[]): string {
  return nodes.map((node) => nodeHtml(node, false)).join('');
}

function nodeHtml(node: TreeNode, isInTightItem: boolean): string {
  switch (node.kind) {
    case 'text':
      return escapeHtml(node.text);
    case 'code':
      return `<pre><code>${escapeHtml(node.chunks.join(''))}</code></pre>`;
    case 'image':
      return '<img>';
    case 'math':
      return `<math>${escapeHtml(node.source)}</math>`;
    case 'task':
      return '<input>';
    case 'element': {
      const isTight = node.name === 'li' ? isInTightItem : node.attributes.tight !== undefined;
      const inside = node.children.map((child) => nodeHtml(child, isTight)).join('');
      if (node.name === 'br' || node.name === 'hr') return `<${node.name}>`;
      return node.name === 'p' && isInTightItem ? inside : `<${node.name}>${inside}</${node.name}>`;
    }
  }
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
