import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { lineAt, root, sourceFiles, visit, type SourceFile, type SyntaxNode } from './source-tree.ts';

/** What may be larger than the limits, each with its reason. */
const exceptions: Readonly<Record<string, string>> = {
  'src/records': 'one noun per file is the rule of this floor',
  'src/cli/commands': 'one command per file is the rule of this floor',
};

const files = sourceFiles(['src']);

/** What package.json publishes: the only barrels there are. */
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string>>;
};
const publishedEntries = new Set(Object.values(manifest.exports));
const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

interface Sized {
  readonly place: string;
  readonly lines: number;
  readonly parameters: number;
}

function functionsOf(file: SourceFile): Sized[] {
  const found: Sized[] = [];
  visit(file.parsed.program, (node) => {
    if (!functionTypes.has(node.type)) return;
    const [first, last] = [lineAt(file.text, node.start), lineAt(file.text, node.end)];
    found.push({
      place: `${file.path}:${first}`,
      lines: last - first + 1,
      parameters: countParameters(node),
    });
  });
  return found;
}

function countParameters(node: SyntaxNode): number {
  const params = node['params'];
  if (Array.isArray(params)) return params.length;
  const items = (params as { items?: unknown[] } | undefined)?.items;
  return items?.length ?? 0;
}

const isExcepted = (place: string): boolean => exceptions[place.replace(/:\d+$/, '')] !== undefined;

test('no source file is longer than 500 lines', () => {
  const long = files.filter((file) => file.text.split('\n').length > 501 && !isExcepted(file.path));
  assert.deepEqual(
    long.map((file) => file.path),
    [],
  );
});

test('no function is longer than 60 lines or takes more than 3 positional parameters', () => {
  const found = files
    .flatMap(functionsOf)
    .filter((one) => (one.lines > 60 || one.parameters > 3) && !isExcepted(one.place))
    .map((one) => `${one.place}: ${one.lines} lines, ${one.parameters} parameters`);
  assert.deepEqual(found, []);
});

test('no class has more than 12 public members', () => {
  const found: string[] = [];
  for (const file of files) {
    visit(file.parsed.program, (node) => {
      if (node.type !== 'ClassBody' || isExcepted(file.path)) return;
      const members = node['body'] as readonly SyntaxNode[];
      const open = members.filter((member) => !isPrivate(member)).length;
      if (open > 12) found.push(`${file.path}:${lineAt(file.text, node.start)}: ${open} public members`);
    });
  }
  assert.deepEqual(found, []);
});

function isPrivate(member: SyntaxNode): boolean {
  const key = member['key'] as SyntaxNode | undefined;
  return key?.type === 'PrivateIdentifier' || (key?.['name'] as string | undefined) === 'constructor';
}

test('a port has at most 8 methods', () => {
  const found: string[] = [];
  for (const file of files.filter((one) => one.path.startsWith('src/ports/'))) {
    visit(file.parsed.program, (node) => {
      if (node.type !== 'TSInterfaceBody') return;
      const methods = (node['body'] as readonly SyntaxNode[]).filter(
        (one) => one.type === 'TSMethodSignature',
      );
      if (methods.length > 8) found.push(`${file.path}:${lineAt(file.text, node.start)}: ${methods.length}`);
    });
  }
  assert.deepEqual(found, []);
});

test('a folder holds at most 15 source files and lies at most three levels below src', () => {
  const counts = new Map<string, number>();
  for (const file of files.filter((one) => !publishedEntries.has(`./${one.path}`))) {
    const folder = path.posix.dirname(file.path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const full = [...counts].filter(([folder, count]) => count > 15 && !isExcepted(folder));
  const deep = [...counts.keys()].filter((folder) => folder.split('/').length > 4);
  assert.deepEqual([full, deep], [[], []]);
});

test('no file or folder has a name that says nothing', () => {
  const banned = new Set([
    'utils',
    'util',
    'helpers',
    'helper',
    'common',
    'shared',
    'types',
    'misc',
    'manager',
  ]);
  const parts = files.flatMap((file) => file.path.replace(/\.ts$/, '').split('/'));
  const barrels = files
    .map((file) => file.path)
    .filter((file) => file.endsWith('/index.ts') && !publishedEntries.has(`./${file}`));
  assert.deepEqual([parts.filter((part) => banned.has(part)), barrels], [[], []]);
});
