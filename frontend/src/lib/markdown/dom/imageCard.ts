/**
 * Turns a picture in the text into a card with its description and its host. The picture is fetched only when the user
 * requests it; one that is embedded in the text is shown if it is a small raster image.
 */
import type { ImageNode } from '../tree/tree.ts';
import { createButton, type MarkdownDrawing } from './markdownDrawing.ts';

export function createImageCard(node: ImageNode, drawing: MarkdownDrawing): HTMLElement {
  const { labels } = drawing;
  const card = document.createElement('span');
  card.className = 'image-card';
  const words = node.alternativeText === '' ? labels.image : node.alternativeText;
  card.append(createPart('image-card-words', words));
  if (node.url === null) return card;
  if (node.host === '') return createPicture(node.url, words);
  const { url } = node;
  const button = createButton(
    'block-button',
    labels.loadImage,
    `${labels.loadImage}: ${words}, ${node.host}`,
  );
  button.addEventListener('click', () => {
    const picture = createPicture(url, words);
    picture.addEventListener('load', () => card.replaceChildren(picture));
    picture.addEventListener('error', () => {
      button.textContent = labels.imageFailed;
      button.disabled = false;
    });
    button.disabled = true;
  });
  card.append(createLink(url, node.host), button);
  return card;
}

function createPicture(url: string, words: string): HTMLImageElement {
  const picture = document.createElement('img');
  picture.className = 'loaded-image';
  picture.alt = words;
  picture.decoding = 'async';
  picture.referrerPolicy = 'no-referrer';
  picture.src = url;
  return picture;
}

function createLink(url: string, host: string): HTMLElement {
  const link = document.createElement('a');
  link.className = 'image-card-host';
  link.href = url;
  link.rel = 'noopener noreferrer';
  link.target = '_blank';
  link.textContent = host;
  return link;
}

function createPart(className: string, text: string): HTMLElement {
  const part = document.createElement('span');
  part.className = className;
  part.textContent = text;
  return part;
}
