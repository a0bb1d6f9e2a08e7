/**
 * Tracks whether a tab is awake, and whether it is visible. A tab that is about to be frozen, or to enter the
 * back-forward cache, counts as asleep from that moment on, so that it holds nothing that another tab waits for.
 */
import type { TabEnvironment } from './tabEnvironment.ts';

/** A time in which a condition holds. */
export interface ConditionScope {
  /** Aborted as soon as the condition no longer holds, or `end` is called. */
  readonly signal: AbortSignal;
  end(): void;
}

export class TabState {
  readonly environment: TabEnvironment;
  #isAwake = true;
  readonly #listeners = new Set<() => void>();
  readonly #lifetime = new AbortController();

  constructor(environment: TabEnvironment) {
    this.environment = environment;
    const { window, document } = environment;
    this.#on(window, 'pagehide', () => this.#setAwake(false));
    this.#on(window, 'pageshow', () => this.#setAwake(true));
    this.#on(document, 'freeze', () => this.#setAwake(false));
    this.#on(document, 'resume', () => this.#setAwake(true));
    this.#on(document, 'visibilitychange', () => this.#notify());
  }

  readonly isAwake = (): boolean => this.#isAwake;
  readonly isVisible = (): boolean =>
    this.#isAwake && this.environment.document.visibilityState === 'visible';

  /** Resolves as soon as the condition holds, or after an abort. */
  async waitFor(isOn: () => boolean, signal: AbortSignal): Promise<void> {
    if (signal.aborted || isOn()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = (): void => {
      if (signal.aborted || isOn()) resolve();
    };
    const stop = this.#listen(check, signal);
    await promise;
    stop();
  }

  /** Begins a scope that lasts while the condition holds, at most until an abort. */
  whileTrue(isOn: () => boolean, signal: AbortSignal): ConditionScope {
    const scope = new AbortController();
    const check = (): void => {
      if (signal.aborted || !isOn()) scope.abort();
    };
    const stop = this.#listen(check, signal);
    check();
    const end = (): void => {
      stop();
      scope.abort();
    };
    return { signal: scope.signal, end };
  }

  dispose(): void {
    this.#lifetime.abort();
    this.#listeners.clear();
  }

  #on(target: EventTarget, type: string, listener: () => void): void {
    target.addEventListener(type, listener, { signal: this.#lifetime.signal });
  }

  #listen(listener: () => void, signal: AbortSignal): () => void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', listener);
    return () => {
      this.#listeners.delete(listener);
      signal.removeEventListener('abort', listener);
    };
  }

  #setAwake(isAwake: boolean): void {
    if (this.#isAwake === isAwake) return;
    this.#isAwake = isAwake;
    this.#notify();
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

export function createTabState(environment: TabEnvironment): TabState {
  return new TabState(environment);
}
