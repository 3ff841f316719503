// Reads the source tree once, parsed, for every architecture test.
import { readFileSync, globSync } from 'node:fs';
import path from 'node:path';
import { parseSync, type ParseResult } from 'oxc-parser';

export const root: string = path.resolve(import.meta.dirname, '../..');

/** One source file: its path from the root, text, syntax tree and module record. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly parsed: ParseResult;
}

/** Yields every TypeScript file below the given folders, tests left out unless asked for. */
export function sourceFiles(
  folders: readonly string[],
  options: { readonly tests?: boolean } = {},
): SourceFile[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
    .filter((file) => options.tests === true || !/\.(test|soak|types)\.ts$/.test(file))
    .map((file) => file.split(path.sep).join('/'))
    .sort()
    .map((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      return { path: file, text, parsed: parseSync(file, text) };
    });
}

/** Yields the modules a file imports, type imports, re-exports and literal `import()` calls included. */
export function importsOf(file: SourceFile): string[] {
  const { module } = file.parsed;
  const fixed = module.staticImports.map((one) => one.moduleRequest.value);
  const reExported = module.staticExports.flatMap((one) =>
    one.entries.flatMap((entry) => (entry.moduleRequest === null ? [] : [entry.moduleRequest.value])),
  );
  const lazy = module.dynamicImports.flatMap((one) => {
    const literal = /^(['"])(.*)\1$/s.exec(file.text.slice(one.moduleRequest.start, one.moduleRequest.end));
    return literal?.[2] === undefined ? [] : [literal[2]];
  });
  return [...new Set([...fixed, ...reExported, ...lazy])];
}

/** Yields the file (from the root) that a relative import means. */
export function resolveImport(from: SourceFile, specifier: string): string {
  return path.posix.normalize(path.posix.join(path.posix.dirname(from.path), specifier));
}

/** One node of a syntax tree. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** Visits every node of a syntax tree, parents first. */
export function visit(node: unknown, enter: (node: SyntaxNode) => void): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, enter);
  } else if (typeof node === 'object' && node !== null) {
    if ('type' in node && typeof node.type === 'string') enter(node as SyntaxNode);
    for (const value of Object.values(node)) if (typeof value === 'object') visit(value, enter);
  }
}

/** Yields the line (from 1) of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
