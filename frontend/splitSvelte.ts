/**
 * Splits a few modules of Svelte in two: what the first file needs, and what only late parts of the page use. The bundler
 * puts whole modules into its files, so the first one would have all of them: 2.6 KB gzipped more, of the 70 that
 * e2e/firstLoad.spec.ts allows. Nothing exists twice. After an update of Svelte that moves one of the names below, or lets a half that is needed first use one
 * of them, the build fails and says which.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ESTree, type Plugin, parseSync } from 'vite';

/** Needed for spread attributes and props, and for styles and classes that are given as objects. */
const lateNames: Readonly<Record<string, readonly string[]>> = {
  'internal/client/dom/elements/attributes.js': ['set_attributes', 'attribute_effect'],
  'internal/client/reactivity/props.js': [
    'rest_props_handler',
    'rest_props',
    'spread_props_handler',
    'spread_props',
  ],
  'internal/shared/attributes.js': ['clsx', 'append_styles', 'to_css_name', 'to_style'],
  'utils.js': [
    'is_capture_event',
    'DELEGATED_EVENTS',
    'can_delegate_event',
    'ATTRIBUTE_ALIASES',
    'normalize_attribute',
  ],
};

const moduleOfSvelte = /^(.*\/svelte\/src\/(.+\.js))(\?early|\?late)?$/;

export function splitSvelte(): Plugin {
  return {
    name: 'split-svelte',
    apply: 'build',
    resolveId: (source, importer) =>
      importer && /\?(early|late)$/.test(source) ? join(importer, '..', source) : null,
    load(id) {
      const [, path = '', name = '', half] = moduleOfSvelte.exec(id) ?? [];
      const late = lateNames[name];
      if (!late) return null;
      const halves = splitModule(path, late);
      if (half === '?early') return writeHalf(halves.early);
      const file = basename(path);
      const early = `{ ${halves.early.names.join(', ')} } from './${file}?early'`;
      if (half === '?late') return `import ${early};\n${writeHalf(halves.late)}`;
      // Without code of its own, so that the bundler looks through it.
      return `export ${early};\nexport { ${late.join(', ')} } from './${file}?late';`;
    },
  };
}

interface Half {
  /** Those of the whole module. */
  readonly imports: { readonly name: string; readonly line: string }[];
  /** Declared at the top level. */
  readonly names: string[];
  text: string;
}

function splitModule(path: string, lateOfModule: readonly string[]): { early: Half; late: Half } {
  const code = readFileSync(path, 'utf8');
  const imports: Half['imports'] = [];
  const early: Half = { imports, names: [], text: '' };
  const late: Half = { imports, names: [], text: '' };
  let end = 0;
  for (const statement of parseSync(path, code).program.body) {
    // With the comments before it: some of them are for the bundler.
    const comments = code.slice(end, statement.start);
    end = statement.end;
    if (statement.type === 'ImportDeclaration') {
      imports.push(...importsOf(statement, code));
      continue;
    }
    const exported = statement.type === 'ExportNamedDeclaration' ? statement.declaration : null;
    const declaration = exported ?? statement;
    const names = namesOf(declaration);
    const half = names.some((name) => lateOfModule.includes(name)) ? late : early;
    half.names.push(...names);
    half.text += comments + code.slice(declaration.start, end);
  }
  const missing = lateOfModule.filter((name) => !late.names.includes(name));
  if (missing.length > 0) throw new Error(`${path} has no ${missing.join(', ')} at its top level.`);
  const needed = late.names.filter((name) => isNamedIn(early.text, name));
  if (needed.length > 0) throw new Error(`${path} needs ${needed.join(', ')} in what is loaded first.`);
  return { early, late };
}

/** A line for each name. */
const importsOf = ({ specifiers, source }: ESTree.ImportDeclaration, code: string): Half['imports'] =>
  specifiers.map(({ type, local, start, end }) => {
    const text = code.slice(start, end);
    const clause = type === 'ImportSpecifier' ? `{ ${text} }` : text;
    return { name: local.name, line: `import ${clause} from '${source.value}';` };
  });

function namesOf(declaration: ESTree.Node): string[] {
  if (declaration.type === 'FunctionDeclaration' && declaration.id) return [declaration.id.name];
  if (declaration.type !== 'VariableDeclaration') return [];
  return declaration.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []));
}

/** Without the imports that it does not use: the bundler would keep those modules in its file. */
function writeHalf({ imports, names, text }: Half): string {
  const used = imports.filter(({ name }) => isNamedIn(text, name));
  return [...used.map(({ line }) => line), text, `export { ${names.join(', ')} };`].join('\n');
}

/** A comment counts too, so that too much is kept rather than too little. */
const isNamedIn = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);
