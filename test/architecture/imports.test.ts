import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importsOf, resolveImport, sourceFiles, type SourceFile } from './source-tree.ts';

const ground = ['base', 'records', 'math', 'expression', 'ports'];

/** Floor -> floors it may import besides itself. Stages and adapters have rules of their own below. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  base: [],
  records: ['base'],
  math: ['base'],
  expression: ['base'],
  ports: ['records', 'expression', 'base'],
  ledger: ground,
  adapters: ground,
  conformance: ground,
  stages: [...ground, 'ledger'],
  pipeline: [...ground, 'ledger', 'stages'],
  cli: [...ground, 'ledger', 'stages', 'pipeline', 'conformance'],
  index: [...ground, 'pipeline', 'stages'],
};

/** Third-party package -> the folders that own it. */
const owners: Readonly<Record<string, readonly string[]>> = {
  '@duckdb/node-api': ['src/adapters/engine/'],
  kysely: ['src/ledger/'],
  'onnxruntime-node': ['src/adapters/model/'],
  '@bufbuild/protobuf': ['src/adapters/model/'],
  zod: ['src/records/'],
  esbuild: ['src/pipeline/'],
  'fastest-levenshtein': ['src/pipeline/'],
  commander: ['src/cli/'],
  '@stdlib/stats-base-dists-t-quantile': ['src/math/distributions/'],
  '@stdlib/stats-base-dists-t-cdf': ['src/math/distributions/'],
  '@stdlib/stats-base-dists-normal-quantile': ['src/math/distributions/'],
  '@stdlib/stats-base-dists-normal-cdf': ['src/math/distributions/'],
};

const withoutNode = new Set(['math', 'records', 'expression', 'ports']);
const files = sourceFiles(['src']);

const floorOf = (file: string): string => /^src\/([^/.]+)/.exec(file)?.[1] ?? '';
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
const unitOf = (file: string): string => file.split('/').slice(0, 3).join('/');

function breaches(judge: (file: SourceFile, specifier: string) => string | null): string[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((specifier) => {
      const reason = judge(file, specifier);
      return reason === null ? [] : [`${file.path} imports ${specifier}: ${reason}`];
    }),
  );
}

test('every import goes down the floors', () => {
  const found = breaches((file, specifier) => {
    if (!specifier.startsWith('.')) return null;
    const target = resolveImport(file, specifier);
    const [from, to] = [floorOf(file.path), floorOf(target)];
    if (from === to || allowed[from]?.includes(to)) return null;
    if (to === 'adapters' && target === 'src/adapters/registry.generated.ts' && from === 'cli') return null;
    return `${from} may import only ${(allowed[from] ?? []).join(', ') || 'nothing'}`;
  });
  assert.deepEqual(found, []);
});

test('a stage never imports its sibling', () => {
  const found = breaches((file, specifier) => {
    if (!specifier.startsWith('.') || floorOf(file.path) !== 'stages') return null;
    const target = resolveImport(file, specifier);
    return floorOf(target) !== 'stages' || unitOf(target) === unitOf(file.path)
      ? null
      : 'stages meet through records';
  });
  assert.deepEqual(found, []);
});

test('each third-party package has one owner folder', () => {
  const found = breaches((file, specifier) => {
    if (specifier.startsWith('.') || specifier.startsWith('node:')) return null;
    const owner = owners[packageOf(specifier)];
    if (owner === undefined) return 'the package has no owner in this test';
    return owner.some((folder) => file.path.startsWith(folder)) ? null : `owned by ${owner.join(', ')}`;
  });
  assert.deepEqual(found, []);
});

test('math, records, expression and ports know nothing of Node', () => {
  const found = breaches((file, specifier) =>
    specifier.startsWith('node:') && withoutNode.has(floorOf(file.path)) ? 'node:* is forbidden here' : null,
  );
  assert.deepEqual(found, []);
});

test('there are no import cycles, type imports included', () => {
  const edges = new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => resolveImport(file, specifier)),
    ]),
  );
  assert.deepEqual(cycles(edges), []);
});

function cycles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) {
      found.push([...trail.slice(trail.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) walk(next, [...trail, file]);
    done.add(file);
  };
  for (const file of edges.keys()) walk(file, []);
  return found;
}

test('inner files do not import a published entry', () => {
  const found = breaches((file, specifier) =>
    specifier.startsWith('.') && resolveImport(file, specifier).endsWith('/index.ts')
      ? 'the entry is for users'
      : null,
  );
  assert.deepEqual(found, []);
});
