// Works before the first paint: sets the chosen theme, width and size of the text, and hides the sentence about files that are missing until one is.
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
})();
