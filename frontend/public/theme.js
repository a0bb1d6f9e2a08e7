// Sets the chosen theme before the first paint. 'system' needs no attribute: the style sheet follows the system.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem('rill:theme');
  } catch {
    // Storage may be blocked; then the system's theme is used.
  }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();
