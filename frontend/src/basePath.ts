/**
 * Reads the prefix of all the page's addresses, such as `/chat`, which the server writes into the page; '' for the
 * root.
 */
export function readBasePath(page: ParentNode): string {
  const content = page.querySelector('meta[name="base-path"]')?.getAttribute('content') ?? '';
  return content.replace(/\/+$/, '');
}
