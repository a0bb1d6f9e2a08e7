/** Reads what all addresses of the page begin with, such as `/chat`, from where the server wrote it; '' is the root. */
export function readBasePath(page: ParentNode): string {
  const content = page.querySelector('meta[name="base-path"]')?.getAttribute('content') ?? '';
  return content.replace(/\/+$/, '');
}
