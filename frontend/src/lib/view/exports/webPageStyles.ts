/** Holds the styles of an exported page, for both themes and for print. */
export const webPageStyles = `
:root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif; }
body { margin: 0; }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.3; }
article { margin-block: 2rem; }
article > h2 { font-size: 0.875rem; margin: 0 0 0.5rem; }
article > h2 time { font-weight: normal; opacity: 0.75; }
.user { border-inline-start: 0.25rem solid; padding-inline-start: 1rem; }
.tight p { margin: 0; }
pre { position: relative; border: 1px solid; border-radius: 0.5rem; padding: 0.75rem; white-space: pre-wrap; }
pre, code { font-family: ui-monospace, monospace; font-size: 0.875rem; }
.language { display: block; opacity: 0.75; font-size: 0.75rem; }
blockquote { border-inline-start: 0.25rem solid; margin-inline: 0; padding-inline-start: 1rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid; padding: 0.25rem 0.5rem; }
img { max-width: 100%; height: auto; }
.formula { overflow-x: auto; }
details { opacity: 0.85; }
@media print {
  :root { color-scheme: light; }
  a[href^="http"]::after { content: " (" attr(href) ")"; }
}
`;
