/**
 * Finds the browser's storage; null where it is blocked or absent, so that drafts and choices last only as long as the
 * page.
 */
export function browserStorage(name: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    return globalThis[name] ?? null;
  } catch {
    return null;
  }
}
