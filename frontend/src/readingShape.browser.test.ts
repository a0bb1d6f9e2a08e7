import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { openApp, problems } from './appTestBench.ts';
import { chooseColumnWidth, chooseTextSize } from './lib/view/comfort/readingShape.ts';

describe('the width and the size of the text', () => {
  let _app: Awaited<ReturnType<typeof openApp>>;
  let log: HTMLElement;

  beforeEach(async () => {
    _app = await openApp('/projects/p1/chats/c1');
    await expect.element(page.getByRole('log').getByText('What are tides?')).toBeVisible();
    await page.viewport(1280, 500);
    log = page.getByRole('log').element() as HTMLElement;
  });
  afterEach(async () => {
    chooseColumnWidth('normal');
    chooseTextSize(16);
    localStorage.removeItem('rill:column-width');
    localStorage.removeItem('rill:text-size');
  });

  /** The letter that a reader looks at, and how far it is from the top of the view. */
  function readLine() {
    const { left, top, width, height } = log.getBoundingClientRect();
    const position = document.caretPositionFromPoint(left + width / 2, top + height / 3);
    if (!position) throw new Error('Nothing is read.');
    const range = document.createRange();
    range.setStart(position.offsetNode, position.offset);
    range.setEnd(position.offsetNode, position.offset + 1);
    return () => {
      const box = range.getBoundingClientRect();
      return box.top + box.height / 2;
    };
  }

  it('leave the line that is being read where it is', async () => {
    await userEvent.click(log);
    log.scrollTop = Math.round((log.scrollHeight - log.clientHeight) / 2);
    log.dispatchEvent(new WheelEvent('wheel', { deltaY: -1 }));
    const changes = [
      () => chooseTextSize(20),
      () => chooseColumnWidth('narrow'),
      () => chooseTextSize(14),
      () => chooseColumnWidth('wide'),
      () => chooseColumnWidth('normal'),
      () => chooseTextSize(16),
    ];
    for (const change of changes) {
      const top = readLine();
      const beforePx = top();
      const widthPx = log.querySelector('.column')?.getBoundingClientRect().width;
      const fontSize = getComputedStyle(log.querySelector('article') ?? log).fontSize;
      change();
      const isOther =
        log.querySelector('.column')?.getBoundingClientRect().width !== widthPx ||
        getComputedStyle(log.querySelector('article') ?? log).fontSize !== fontSize;
      expect(isOther).toBe(true);
      expect(Math.abs(top() - beforePx)).toBeLessThan(4);
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      expect(Math.abs(top() - beforePx)).toBeLessThan(4);
    }
  });

  it('are chosen by key on the settings page, and kept', async () => {
    await page.getByRole('link', { name: 'Settings' }).click();
    await expect.element(page.getByRole('heading', { name: 'Appearance' })).toBeVisible();
    expect(await problems()).toEqual([]);
    (page.getByRole('radio', { name: 'Normal' }).element() as HTMLElement).focus();
    await userEvent.keyboard('{ArrowRight}{Tab}{ArrowRight}{ArrowRight}');
    expect(document.documentElement.dataset.columnWidth).toBe('wide');
    await expect.element(page.getByText('18 px')).toBeVisible();
    expect(getComputedStyle(document.documentElement).fontSize).toBe('18px');
    expect(localStorage.getItem('rill:column-width')).toBe('wide');
    expect(localStorage.getItem('rill:text-size')).toBe('18');
  });

  it('are chosen beside the text too, by a command', async () => {
    await userEvent.keyboard('{Control>}k{/Control}');
    await expect.element(page.getByRole('dialog', { name: 'Search and commands' })).toBeVisible();
    await userEvent.keyboard('width{Enter}');
    await expect.element(page.getByRole('dialog', { name: 'Reading' })).toBeVisible();
    expect(await problems()).toEqual([]);
    await page.getByText('Wide', { exact: true }).click();
    expect(document.documentElement.dataset.columnWidth).toBe('wide');
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByRole('dialog', { name: 'Reading' })).not.toBeInTheDocument();
  });
});
