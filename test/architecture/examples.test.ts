import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { parseSync } from 'oxc-parser';
import { root, sourceFiles, type SourceFile } from './source-tree.ts';

/** Modules whose exports every example may use besides those of its own file. */
const lent = [
  'src/base/clock.ts',
  'src/base/random.ts',
  'src/expression/expression.ts',
  'src/math/outcome.ts',
];

interface Example {
  readonly file: SourceFile;
  readonly code: string;
}

function examplesOf(file: SourceFile): Example[] {
  return file.parsed.comments
    .filter((comment) => comment.type === 'Block' && comment.value.includes('@example'))
    .map((comment) => {
      const text = comment.value.replaceAll(/^\s*\* ?/gm, '');
      const [, code = ''] = /@example\s([\s\S]*?)(?=\n\s*@\w|$)/.exec(text) ?? [];
      return { file, code: code.trim() };
    });
}

/** Turns `expression; // result` into an assertion; other lines run as they are. */
function asserted(code: string): string {
  const statements = code.split(/(?<=;[^\n]*)\n/);
  return statements
    .map((statement) => {
      const [, expression, result] = /^([\s\S]*?);\s*\/\/ (.*)$/.exec(statement.trim()) ?? [];
      const isValue = expression !== undefined && !/^(const|let|import|await using)\b/.test(expression);
      if (!isValue || result === undefined || !isExpression(result)) return statement;
      return `__same(${expression}, ${result});`;
    })
    .join('\n');
}

function isExpression(text: string): boolean {
  return parseSync('result.ts', `(${text});`).errors.length === 0;
}

function moduleFor({ file, code }: Example): string {
  const urls = [...new Set([...lent, file.path])].map((one) => pathToFileURL(path.join(root, one)).href);
  const imports = urls.map((url, i) => `import * as m${i} from ${JSON.stringify(url)};`).join('\n');
  const scope = `const __scope = { ${urls.map((_, i) => `...m${i}`).join(', ')} };`;
  const names = new Set([...code.matchAll(/\b([A-Za-z_]\w*)\b/g)].map((match) => match[1] ?? ''));
  const declared = new Set([...code.matchAll(/\b(?:const|let)\s+(\w+)/g)].map((match) => match[1] ?? ''));
  const wanted = [...names].filter((name) => !declared.has(name));
  return `import __assert from 'node:assert/strict';
${imports}
${scope}
const __same = (seen, wanted) => __assert.deepEqual(typeof wanted === 'string' ? seen : JSON.parse(JSON.stringify(seen ?? null)), typeof wanted === 'string' ? wanted : JSON.parse(JSON.stringify(wanted ?? null)));
export const wanted = ${JSON.stringify(wanted)};
export const scope = __scope;
export async function run({ ${wanted.filter((name) => /^[A-Za-z_]\w*$/.test(name) && !reserved.has(name)).join(', ')} }) {
${asserted(code)}
}
`;
}

const reserved = new Set(
  'await async break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof let new null return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
);

const examples = sourceFiles(['src']).flatMap(examplesOf);

test('every docstring example runs, and yields what it says', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-examples-'));
  try {
    const failures: string[] = [];
    for (const [i, example] of examples.entries()) {
      const target = path.join(directory, `${i}.ts`);
      writeFileSync(target, moduleFor(example));
      try {
        const loaded = (await import(pathToFileURL(target).href)) as {
          scope: Record<string, unknown>;
          run: (scope: Record<string, unknown>) => Promise<void>;
        };
        await loaded.run({ ...globals, ...loaded.scope });
      } catch (error) {
        failures.push(
          `${example.file.path}: ${example.code.slice(0, 120)}\n    ${String(error).slice(0, 300)}`,
        );
      }
    }
    assert.ok(examples.length > 50, `only ${examples.length} examples were found`);
    assert.deepEqual(failures, []);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

const globals = Object.fromEntries(
  Object.getOwnPropertyNames(globalThis).map((name) => [name, (globalThis as Record<string, unknown>)[name]]),
);
