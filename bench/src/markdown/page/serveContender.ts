/** Puts one contender into the page and streams a document through it; each flush is a separate task. */
import type { PageContender, Shown, StreamReply, StreamRequest } from './pageApi.ts';

/** The browser's limit for a long task. Source: W3C Long Tasks API. */
const longTaskMs = 50;

export function serveContender(create: (root: HTMLElement) => PageContender): void {
  window.bench = new ContenderPage(create);
}

class ContenderPage {
  readonly #create: (root: HTMLElement) => PageContender;
  #root = document.createElement('div');
  #contender: PageContender | null = null;
  #document = '';
  /** Grows like an answer in the product, so that renderers that read the whole text also pay for joining it. */
  #source = '';

  constructor(create: (root: HTMLElement) => PageContender) {
    this.#create = create;
  }

  start(text: string): void {
    this.#root = document.createElement('div');
    this.#root.className = 'markdown';
    document.body.replaceChildren(this.#root);
    this.#document = text;
    this.#source = '';
    this.#contender = this.#create(this.#root);
  }

  async skipTo(characters: number): Promise<void> {
    if (characters > this.#source.length) this.#showUpTo(characters);
    await frames(3);
  }

  async stream({ to, flushCharacters, limitMs }: StreamRequest): Promise<StreamReply> {
    const longTasks = watchLongTasks();
    const flushMs: number[] = [];
    const startedAtMs = performance.now();
    await repeatAsTasks(() => {
      const flushedAtMs = performance.now();
      if (this.#source.length >= to || flushedAtMs - startedAtMs >= limitMs) return false;
      this.#showUpTo(Math.min(to, this.#source.length + flushCharacters));
      flushMs.push(performance.now() - flushedAtMs);
      return true;
    });
    const wallMs = performance.now() - startedAtMs;
    return { flushMs, wallMs, longTasks: await longTasks() };
  }

  async finish(): Promise<Shown> {
    this.#contender?.finish?.(this.#source);
    await frames(10);
    return {
      text: this.#root.textContent,
      elements: this.#root.querySelectorAll('*').length,
    };
  }

  #showUpTo(end: number): void {
    const added = this.#document.slice(this.#source.length, end);
    this.#source += added;
    this.#contender?.update(added, this.#source);
    // Reading it forces the browser to lay out the changes.
    void this.#root.offsetHeight;
  }
}

/**
 * Calls `step` in consecutive tasks until it returns false. The event calls it directly, because DevTools does not
 * count code after an `await` as script. Timers would wait 4 ms.
 */
function repeatAsTasks(step: () => boolean): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      if (step()) port2.postMessage(null);
      else resolve(port1.close());
    };
    port2.postMessage(null);
  });
}

async function frames(count: number): Promise<void> {
  for (let frame = 0; frame < count; frame += 1)
    await new Promise((resolve) => requestAnimationFrame(resolve));
}

/** Counts long tasks from now on; the browser reports them a little later. */
function watchLongTasks(): () => Promise<number> {
  let count = 0;
  const tally = (entries: PerformanceEntryList) => {
    count += entries.filter(({ duration }) => duration > longTaskMs).length;
  };
  const observer = new PerformanceObserver((list) => tally(list.getEntries()));
  observer.observe({ type: 'longtask' });
  return async () => {
    await frames(2);
    tally(observer.takeRecords());
    observer.disconnect();
    return count;
  };
}
