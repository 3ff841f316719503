import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { isSluiceError } from '../../base/errors.ts';
import { findPackage } from './flights-data.ts';

test('a package of the data is found beside Sluice, or where the demo was called', () => {
  assert.match(findPackage('vega-datasets'), /vega-datasets/);
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-'));
  try {
    const place = path.join(directory, 'demo.js');
    assert.throws(
      () => findPackage('some-data', [place]),
      (error) => isSluiceError(error, 'DEMO_NEEDS_PACKAGE') && /some-data/.test(error.message),
    );
    mkdirSync(path.join(directory, 'node_modules/some-data'), { recursive: true });
    writeFileSync(path.join(directory, 'node_modules/some-data/index.js'), '');
    assert.match(findPackage('some-data', ['/nowhere/x.js', place]), /some-data.index\.js$/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
