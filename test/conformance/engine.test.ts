import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { openDuckdb } from '../../src/adapters/engine/duckdb.ts';
import { conformanceCases } from '../../src/conformance/case.ts';
import { engineCases } from '../../src/conformance/engine.ts';

describe('engine adapter duckdb', () => {
  for (const one of conformanceCases(engineCases, [])) {
    test(one.name, async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'sluice-'));
      const temporaryDirectory = path.join(folder, 'spill');
      const engine = await openDuckdb({ memoryMb: 1000, threads: 2, temporaryDirectory });
      try {
        await one.run({
          engine,
          folder,
          open: (bounds) => openDuckdb({ ...bounds, temporaryDirectory }),
          openUnwritable: async () => {
            const file = path.join(folder, 'a file');
            await writeFile(file, '');
            return openDuckdb({ memoryMb: 100, threads: 1, temporaryDirectory: path.join(file, 'spill') });
          },
        });
      } finally {
        await engine.close();
        assert.deepEqual(await readdir(temporaryDirectory), []);
        await rm(folder, { recursive: true });
      }
    });
  }
});
