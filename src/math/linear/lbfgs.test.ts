import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { minimise, type Objective } from './lbfgs.ts';

function aQuadratic(curvatures: readonly number[], center: readonly number[]): Objective {
  return (x, gradient) => {
    let value = 0;
    curvatures.forEach((c, i) => {
      const off = (x[i] ?? 0) - (center[i] ?? 0);
      gradient[i] = c * off;
      value += 0.5 * c * off * off;
    });
    return value;
  };
}

test('the minimum of a badly scaled bowl is found', () => {
  const center = [3, -2, 0.5, 100];
  const objective = aQuadratic([1e-2, 1, 100, 1e4], center);
  const options = { maxIterations: 200, tolerance: 1e-9, inverseDiagonal: new Float64Array(4).fill(1) };
  const { x, converged } = minimise(objective, new Float64Array(4), options);
  assert.ok(converged);
  center.forEach((c, i) => assert.ok(Math.abs((x[i] ?? 0) - c) < 1e-6));
});

test('with the exact diagonal a bowl takes one step', () => {
  const curvatures = [0.1, 7, 400];
  const options = {
    maxIterations: 9,
    tolerance: 1e-9,
    inverseDiagonal: Float64Array.from(curvatures, (c) => 1 / c),
  };
  assert.equal(minimise(aQuadratic(curvatures, [1, 2, 3]), new Float64Array(3), options).iterations, 1);
});

test('the value never rises from one iteration to the next', () => {
  const curvature = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
  const place = fc.double({ min: -100, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(curvature, place), { minLength: 1, maxLength: 6 }), (terms) => {
      const values: number[] = [];
      const objective = aQuadratic(
        terms.map(([c]) => c),
        terms.map(([, p]) => p),
      );
      minimise(objective, new Float64Array(terms.length), {
        maxIterations: 50,
        tolerance: 1e-8,
        inverseDiagonal: new Float64Array(terms.length).fill(1),
        onIteration: (_, value) => values.push(value),
      });
      assert.deepEqual(
        values,
        values.toSorted((a, b) => b - a),
      );
    }),
  );
});
