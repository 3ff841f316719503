import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generatedFiles, staleFiles } from '../../scripts/generate-adapter-registry.ts';
import { adapterRegistry } from '../../src/adapters/registry.generated.ts';

test('the adapter registry and docs/adapters.md say what the folders hold', async () => {
  assert.deepEqual(await staleFiles(), [], 'run node scripts/generate-adapter-registry.ts');
});

test('every loader of the registry yields a module with an opening function, and helpers are not in it', async () => {
  const loaded = Object.values(adapterRegistry).flatMap((backends: Record<string, () => Promise<object>>) =>
    Object.entries(backends),
  );
  assert.ok(loaded.length >= 4);
  for (const [name, load] of loaded) {
    const exported = Object.values(await load());
    assert.ok(
      exported.some((value) => typeof value === 'function'),
      name,
    );
  }
  const registry = (await generatedFiles()).get('src/adapters/registry.generated.ts') ?? '';
  assert.doesNotMatch(registry, /duckdb-|sqlite-|local-/);
});
