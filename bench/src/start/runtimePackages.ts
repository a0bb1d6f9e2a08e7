/** Lists the packages that a running server needs, from the lock file, with their size on disk. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

interface LockEntry {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly link?: boolean;
  readonly resolved?: string;
}

export type LockPackages = Readonly<Record<string, LockEntry>>;

/** Resolves a package from inside another one, as Node does: in the nearest folder node_modules. */
function lookUp(packages: LockPackages, from: string, name: string): string | undefined {
  const parts = from.split('/node_modules/');
  for (let count = parts.length; count > 0; count -= 1) {
    const path = `${parts.slice(0, count).join('/node_modules/')}/node_modules/${name}`;
    if (path in packages) return path;
  }
  const atRoot = `node_modules/${name}`;
  return atRoot in packages ? atRoot : undefined;
}

/** Paths of every package that `workspace` needs at run time, except our own. */
export function runtimePackages(packages: LockPackages, workspace: string): string[] {
  const seen = new Set<string>();
  const pending = [workspace];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const entry = packages[path] ?? {};
    if (entry.link && entry.resolved) pending.push(entry.resolved);
    for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
      const found = lookUp(packages, path, name);
      if (found) pending.push(found);
    }
  }
  return [...seen].filter((path) => path.includes('node_modules/') && !packages[path]?.link).sort();
}

/** Bytes of all files below a folder; packages nested in it count separately. */
function folderBytes(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    if (entry.name === 'node_modules') return sum;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sum + folderBytes(path);
    return entry.isFile() ? sum + statSync(path).size : sum;
  }, 0);
}

export interface PackageSize {
  readonly name: string;
  readonly bytes: number;
}

/** Largest first. */
export function measurePackages(root: string): PackageSize[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: LockPackages;
  };
  return runtimePackages(packages, 'backend')
    .filter((path) => statSync(join(root, path), { throwIfNoEntry: false }))
    .map((path) => ({
      name: path.replace(/^node_modules\//, ''),
      bytes: folderBytes(join(root, path)),
    }))
    .sort((a, b) => b.bytes - a.bytes);
}
