// Starts a new adapter, statistic or stage part from the shape that the others have:
//   npm run scaffold -- adapter blob s3
//   npm run scaffold -- statistic drift population-stability
//   npm run scaffold -- part deploy
// It writes files that compile and whose test fails until the work is done, and never overwrites one.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = process.env['SLUICE_SCAFFOLD_ROOT'] ?? path.join(import.meta.dirname, '..');
const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const pascal = (name: string): string => camel(`-${name}`);

type Files = Readonly<Record<string, string>>;

function adapter(port: string, backend: string): Files {
  const type = pascal(port);
  const open = `open${pascal(backend)}${type}`;
  return {
    [`src/adapters/${port}/${backend}.ts`]: `// @backend
import { SluiceError } from '../../base/errors.ts';
import type { ${type} } from '../../ports/${port}.ts';

/** What \`${open}\` needs. */
export interface ${pascal(backend)}Options {
  /** Where the backend is. */
  readonly url: string;
}

/** Yields the ${port} port over ${backend}. @throws CONFORMANCE_UNFINISHED until it is written */
export async function ${open}(options: ${pascal(backend)}Options): Promise<${type}> {
  throw new SluiceError('CONFORMANCE_UNFINISHED', { adapter: '${port}/${backend}', at: options.url });
}
`,
    [`test/conformance/${port}-${backend}.test.ts`]: `import { test } from 'node:test';
import { ${open} } from '../../src/adapters/${port}/${backend}.ts';
import { SluiceError } from '../../src/base/errors.ts';
import { conformanceCases } from '../../src/conformance/case.ts';
import { ${camel(port)}Cases } from '../../src/conformance/${port}.ts';

type Context = Parameters<(typeof ${camel(port)}Cases)[number]['run']>[0];

/** Yields what the suite asks for; its interface in src/conformance/${port}.ts says what that is. */
async function context(): Promise<Context> {
  await ${open}({ url: 'memory:' });
  throw new SluiceError('CONFORMANCE_UNFINISHED', { adapter: '${port}/${backend}', at: 'its conformance context' });
}

for (const one of conformanceCases(${camel(port)}Cases, [])) {
  test(one.name, async () => one.run(await context()));
}
`,
  };
}

function statistic(folder: string, name: string): Files {
  const fn = camel(name);
  return {
    [`src/math/${folder}/${name}.ts`]: `import { requireFinite } from '../check-values.ts';
import { measured, undefinedBecause, type Measured } from '../outcome.ts';

/**
 * Yields … (formula; what happens without rows, with one value, with ties).
 *
 * @param values Float64Array [n], finite
 * @returns the statistic, or undefined with the reason
 * @throws MATH_NOT_FINITE naming the index
 * @example
 * ${fn}(Float64Array.of(1, 2, 3)).n; // 3
 * @see The paper. Oracle: library and version, in ${name}.golden.json.
 */
export function ${fn}(values: Float64Array): Measured {
  requireFinite('values', values);
  if (values.length === 0) return undefinedBecause('no rows', 0);
  return measured(Number.NaN, values.length);
}
`,
    [`src/math/${folder}/${name}.test.ts`]: `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMeasured } from '../outcome.ts';
import { ${fn} } from './${name}.ts';

test('${fn} agrees with its oracle', () => {
  const outcome = ${fn}(Float64Array.of(1, 2, 3));
  assert.ok(isMeasured(outcome) && Number.isFinite(outcome.value), 'write the statistic and its golden numbers');
});
`,
  };
}

function part(stage: string): Files {
  return {
    [`src/stages/${stage}/${stage}.ts`]: `import type { StepContext, StepOutcome } from '../../ledger/step-context.ts';

/** What one execution of ${stage} needs. */
export interface ${pascal(stage)}Input {
  /** Digest of the version it reads. */
  readonly input: string;
}

/** Yields … It reads blobs and writes blobs; the runner commits what it returns. */
export async function ${camel(stage)}(context: StepContext, input: ${pascal(stage)}Input): Promise<StepOutcome> {
  context.progress(1, input.input);
  return { versions: [], verdict: null, facts: {} };
}
`,
    [`src/pipeline/parts/${stage}.ts`]: `import { ${camel(stage)} } from '../../stages/${stage}/${stage}.ts';
import type { LoopState, StagePart, StepPlans } from '../step-plan.ts';
import { recallOutputs, stageFields } from './stage-fields.ts';

/** What this stage adds to the loop. */
export const ${camel(stage)}Part: StagePart = {
  stage: '${stage}',
  version: '1',
  plan,
  recall: (state) => recallOutputs(state, '${stage}'),
};

async function* plan(state: LoopState): StepPlans {
  const input = 'digest of the version it reads';
  yield {
    stage: '${stage}',
    subject: '',
    fields: { ...(await stageFields(state, ${camel(stage)}Part)), 'input.version': input },
    execute: (context) => ${camel(stage)}(context, { input }),
  };
}
`,
    [`src/stages/${stage}/${stage}.test.ts`]: `import { test } from 'node:test';

test('${stage} keeps its promise', () => {
  throw new TypeError('write what ${stage} promises as a test');
});
`,
  };
}

const ports = readdirSync(path.join(import.meta.dirname, '../src/ports'))
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => path.basename(name, '.ts'));
const [kind = '', first = '', second = ''] = process.argv.slice(2);
const isName = (name: string): boolean => /^[a-z][a-z0-9-]*$/.test(name);
const files =
  kind === 'adapter' && ports.includes(first) && isName(second)
    ? adapter(first, second)
    : kind === 'statistic' && isName(first) && isName(second)
      ? statistic(first, second)
      : kind === 'part' && isName(first)
        ? part(first)
        : null;

if (files === null) {
  console.error(
    `usage: npm run scaffold -- adapter <port> <backend> | statistic <folder> <name> | part <stage>\nports: ${ports.join(', ')}; names are written like-this`,
  );
  process.exitCode = 2;
} else {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    if (existsSync(file)) {
      console.log(`kept     ${name} (it exists)`);
      continue;
    }
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`written  ${name}`);
  }
}
