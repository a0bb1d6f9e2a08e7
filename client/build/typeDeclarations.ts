/**
 * Writes the type declarations of the package. They are self-contained: types that the protocol derives from its
 * schemas are written out, and the schemas themselves, which need a library, are omitted.
 */
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

/** The library in which the protocol describes its bodies and events. */
const schemaLibrary = 'typebox';
const protocolPackage = '@rill/protocol';

/** Where the declarations of a source folder go, below the folder of the package's output. */
const outputs = { client: '.', protocol: 'protocol' } as const;

export interface Declaration {
  /** Below the output folder. */
  readonly path: string;
  readonly text: string;
}

/**
 * The declarations that `client/src/index.ts` reaches.
 * Errors: an Error that quotes the compiler when the sources have a type error.
 */
export function typeDeclarations(repository: string): Declaration[] {
  const program = createProgram(repository);
  const problems = ts.getPreEmitDiagnostics(program);
  if (problems.length > 0) throw new Error(ts.formatDiagnostics(problems, formatHost(repository)));
  // The first pass finds the declarations that remain in each file; the second omits the exports of all others.
  const kept = new Map<string, Set<string>>();
  emit(program, repository, (file, name) => kept.get(file)?.has(name) ?? true, kept);
  const texts = emit(program, repository, (file, name) => kept.get(file)?.has(name) ?? true, new Map());
  return reachedFrom('index.d.ts', texts).map((path) => ({ path, text: texts.get(path) ?? '' }));
}

function createProgram(repository: string): ts.Program {
  const { config } = ts.readConfigFile(join(repository, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, repository);
  return ts.createProgram([join(repository, 'client/src/index.ts')], {
    ...options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    // Resolved to its sources: through node_modules it would count as a library, for which no declarations are written.
    paths: { [protocolPackage]: [join(repository, 'protocol/src/index.ts')] },
  });
}

type IsKept = (file: string, name: string) => boolean;

function emit(
  program: ts.Program,
  repository: string,
  isKept: IsKept,
  kept: Map<string, Set<string>>,
): Map<string, string> {
  const texts = new Map<string, string>();
  const transform: ts.TransformerFactory<ts.SourceFile | ts.Bundle> = (context) => (node) =>
    ts.isSourceFile(node) ? rewriteFile(node, { program, repository, isKept, kept, context }) : node;
  const write: ts.WriteFileCallback = (path, text) => void texts.set(outputPath(repository, path), text);
  program.emit(undefined, write, undefined, true, { afterDeclarations: [transform] });
  return texts;
}

interface Rewriting {
  readonly program: ts.Program;
  readonly repository: string;
  readonly isKept: IsKept;
  readonly kept: Map<string, Set<string>>;
  readonly context: ts.TransformationContext;
}

function rewriteFile(file: ts.SourceFile, rewriting: Rewriting): ts.SourceFile {
  const schemaNames = importedNames(file, schemaLibrary);
  const statements = file.statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement))
      return rewriteLink(statement, file, rewriting);
    const written = ts.isTypeAliasDeclaration(statement)
      ? writeOut(statement, schemaNames, rewriting)
      : statement;
    return mentions(written, schemaNames) ? [] : [written];
  });
  rewriting.kept.set(file.fileName, new Set(statements.flatMap(declaredNames)));
  return rewriting.context.factory.updateSourceFile(file, statements);
}

/** An import or export with its path in the package, without the names that were omitted. */
function rewriteLink(
  statement: ts.ImportDeclaration | ts.ExportDeclaration,
  file: ts.SourceFile,
  { repository, isKept, context: { factory } }: Rewriting,
): ts.Statement[] {
  const { moduleSpecifier } = statement;
  if (!moduleSpecifier || !ts.isStringLiteral(moduleSpecifier)) return [statement];
  const { text } = moduleSpecifier;
  if (text === schemaLibrary) return [];
  const here = dirname(outputPath(repository, file.fileName));
  const path = text === protocolPackage ? relative(here, 'protocol/index.ts') : text;
  const target = factory.createStringLiteral(
    (path.startsWith('.') ? path : `./${path}`).replace(/[.]ts$/, '.js'),
    true,
  );
  if (ts.isImportDeclaration(statement))
    return [
      factory.updateImportDeclaration(
        statement,
        statement.modifiers,
        statement.importClause,
        target,
        undefined,
      ),
    ];
  const { exportClause } = statement;
  const clause =
    exportClause && ts.isNamedExports(exportClause) && text.startsWith('.')
      ? factory.updateNamedExports(
          exportClause,
          exportClause.elements.filter(({ name, propertyName }) =>
            isKept(join(dirname(file.fileName), text), (propertyName ?? name).text),
          ),
        )
      : exportClause;
  return [
    factory.updateExportDeclaration(
      statement,
      statement.modifiers,
      statement.isTypeOnly,
      clause,
      target,
      undefined,
    ),
  ];
}

/** Writes `type Chat = Static<typeof Chat>` out as its fields. */
function writeOut(
  statement: ts.TypeAliasDeclaration,
  schemaNames: ReadonlySet<string>,
  { program, context: { factory } }: Rewriting,
): ts.TypeAliasDeclaration {
  if (!mentions(statement, schemaNames)) return statement;
  const source = ts.getOriginalNode(statement);
  const checker = program.getTypeChecker();
  const type = checker.typeToTypeNode(
    checker.getTypeAtLocation(source),
    source,
    ts.NodeBuilderFlags.NoTruncation |
      ts.NodeBuilderFlags.InTypeAlias |
      ts.NodeBuilderFlags.MultilineObjectLiterals,
  );
  if (!type) return statement;
  const { modifiers, name, typeParameters } = statement;
  const written = factory.createTypeAliasDeclaration(modifiers, name, typeParameters, type);
  // The comment is above the schema, which has the type's name.
  const parts = checker.getSymbolAtLocation(name)?.getDocumentationComment(checker) ?? [];
  const comment = ts.displayPartsToString(parts).replaceAll('\n', '\n * ');
  return comment === ''
    ? written
    : ts.addSyntheticLeadingComment(written, ts.SyntaxKind.MultiLineCommentTrivia, `* ${comment} `, true);
}

function importedNames(file: ts.SourceFile, library: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (statement.moduleSpecifier.text !== library || !bindings || !ts.isNamedImports(bindings)) continue;
    for (const { name } of bindings.elements) names.add(name.text);
  }
  return names;
}

/** True where a node uses one of the names or imports a type of the schema library in place. */
function mentions(node: ts.Node, names: ReadonlySet<string>): boolean {
  if (ts.isIdentifier(node)) return names.has(node.text);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    const { literal } = node.argument;
    if (ts.isStringLiteral(literal) && literal.text.startsWith(schemaLibrary)) return true;
  }
  return ts.forEachChild(node, (child) => mentions(child, names) || undefined) ?? false;
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [name.text] : [],
    );
  const hasName =
    ts.isTypeAliasDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isFunctionDeclaration(statement);
  return hasName && statement.name ? [statement.name.text] : [];
}

/** The path of a declaration below the output folder: `protocol/run/fold.d.ts` for `protocol/src/run/fold.d.ts`. */
function outputPath(repository: string, path: string): string {
  for (const [folder, output] of Object.entries(outputs)) {
    const below = relative(join(repository, folder, 'src'), path);
    if (!below.startsWith('..')) return join(output, below);
  }
  throw new Error(`${path} is outside of the sources of the package.`);
}

function reachedFrom(entry: string, texts: ReadonlyMap<string, string>): string[] {
  const reached = new Set([entry]);
  for (const path of reached) {
    for (const [, target = ''] of (texts.get(path) ?? '').matchAll(/from '(\.[^']+)'/g))
      reached.add(join(dirname(path), target.replace(/[.]js$/, '.d.ts')));
  }
  return [...reached];
}

const formatHost = (repository: string): ts.FormatDiagnosticsHost => ({
  getCurrentDirectory: () => repository,
  getCanonicalFileName: (path) => path,
  getNewLine: () => '\n',
});
