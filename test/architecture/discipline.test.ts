import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorTable } from '../../src/base/error-table.ts';
import { lineAt, sourceFiles, visit, type SourceFile } from './source-tree.ts';

const files = sourceFiles(['src']);
// A conformance case provokes errors too: it is a test that others run.
const tests = sourceFiles(['src', 'test'], { tests: true }).filter((file) =>
  /\.(test|soak|interop)\.ts$|^src\/conformance\//.test(file.path),
);

function places(pattern: RegExp, exempt: (file: string) => boolean): string[] {
  return files
    .filter((file) => !exempt(file.path))
    .flatMap((file) =>
      [...withoutComments(file.text, file.parsed.comments).matchAll(pattern)].map(
        (match) => `${file.path}:${lineAt(file.text, match.index)}: ${match[0]}`,
      ),
    );
}

function withoutComments(
  text: string,
  comments: readonly { readonly start: number; readonly end: number }[],
): string {
  let out = text;
  for (const { start, end } of comments) out = out.slice(0, start) + ' '.repeat(end - start) + out.slice(end);
  return out;
}

test('errors are born in the table only', () => {
  assert.deepEqual(
    places(/new (Type|Range|Syntax|Aggregate)?Error\(/g, (file) => file === 'src/base/errors.ts'),
    [],
  );
});

test('time and randomness come from base only', () => {
  const exempt = (file: string): boolean => file.startsWith('src/base/');
  assert.deepEqual(
    places(
      /Date\.now|new Date\(\)|Math\.random|performance\.(now|timeOrigin)|randomBytes|randomUUID/g,
      exempt,
    ),
    [],
  );
});

test('only the command line writes to the console', () => {
  assert.deepEqual(
    places(/console\.\w+/g, (file) => file.startsWith('src/cli/')),
    [],
  );
});

test('nothing escapes the type system', () => {
  assert.deepEqual(
    places(/: any\b(?! [a-z])|as any\b|as unknown as|@ts-ignore|@ts-expect-error/g, () => false),
    [],
  );
});

test('every error code is thrown by the source and provoked by a test', () => {
  const thrown = new Set<string>();
  // A scaffold throws from the text that it writes.
  const scaffold = sourceFiles(['scripts']).find((file) => file.path === 'scripts/scaffold.ts')?.text ?? '';
  for (const [code = ''] of scaffold.matchAll(/[A-Z]+(?:_[A-Z]+)+/g)) thrown.add(code);
  for (const file of files.filter((one) => one.path !== 'src/base/error-table.ts')) {
    visit(file.parsed.program, (node) => {
      if (node.type === 'Literal' && typeof node['value'] === 'string') thrown.add(node['value']);
    });
  }
  const seen = tests.map((file) => file.text).join('\n');
  const codes = Object.keys(errorTable);
  assert.deepEqual(
    {
      notThrown: codes.filter((code) => !thrown.has(code)),
      notProvoked: codes.filter((code) => !seen.includes(code)),
    },
    { notThrown: [], notProvoked: [] },
  );
});

test('every exported name of the source has a docstring', () => {
  const bare = files.flatMap((file) =>
    file.parsed.program.body.flatMap((node) => {
      if (node.type !== 'ExportNamedDeclaration' || node.declaration === null) return [];
      if (
        /Schema(s)?\b/.test(file.text.slice(node.start, node.start + 60)) &&
        file.path.startsWith('src/records/')
      )
        return [];
      const before = file.text.slice(0, node.start).trimEnd();
      return before.endsWith('*/') || isOverloaded(file, node)
        ? []
        : [`${file.path}:${lineAt(file.text, node.start)}`];
    }),
  );
  assert.deepEqual(bare, []);
});

/** The implementation of an overloaded function: nobody sees it, the overload before it carries the docstring. */
function isOverloaded(file: SourceFile, node: { readonly start: number }): boolean {
  const { body } = file.parsed.program;
  const before = body[body.findIndex((one) => one.start === node.start) - 1];
  return before?.type === 'ExportNamedDeclaration' && before.declaration?.type === 'TSDeclareFunction';
}
