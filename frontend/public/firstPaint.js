// Works before the first paint: sets the chosen theme, width and size of the text, hides the sentence about files that are
// missing until one is, and keeps what is dropped until the page can take it.
(() => {
  const { dataset, style } = document.documentElement;
  let [theme, width, size] = [null, null, null];
  try {
    [theme, width, size] = ['theme', 'column-width', 'text-size'].map((name) =>
      localStorage.getItem(`rill:${name}`),
    );
  } catch {
    // Storage may be blocked; then nothing is chosen.
  }
  // 'system' needs no attribute: the style sheet follows the system.
  if (theme === 'light' || theme === 'dark') dataset.theme = theme;
  if (width === 'narrow' || width === 'wide') dataset.columnWidth = width;
  if (/^(1[4-9]|20)$/.test(size ?? '')) style.setProperty('--text-scale', String(Number(size) / 16));
  dataset.loading = '';
  // In the capture phase, where a script or a style sheet that cannot be loaded is heard too.
  addEventListener('error', () => delete dataset.loading, true);

  // Else the browser leaves the page for a file that is dropped before `DropGuard.svelte` is loaded, which then asks for it.
  const kept = [];
  const hold = (event) => {
    const { type, target, dataTransfer } = event;
    const hasFiles = dataTransfer?.types.includes('Files');
    // Where the browser's own way is right.
    if (target instanceof Element && target.closest(hasFiles ? '[data-takes-files]' : 'textarea, input'))
      return;
    event.preventDefault();
    // They can be read in their event only.
    if (type === 'drop' && hasFiles) kept.push({ at: target, files: [...dataTransfer.files] });
  };
  const types = ['dragenter', 'dragover', 'drop'];
  for (const type of types) addEventListener(type, hold, true);
  addEventListener(
    'rill-take-drops',
    ({ detail: take }) => {
      for (const type of types) removeEventListener(type, hold, true);
      for (const drop of kept) take(drop);
    },
    { once: true },
  );
})();
