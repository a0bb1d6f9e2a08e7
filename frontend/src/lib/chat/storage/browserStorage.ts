/** Finds the browser's storage; null where it is blocked or absent: drafts and choices are then forgotten with the page. */
export function browserStorage(name: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    return globalThis[name] ?? null;
  } catch {
    return null;
  }
}
