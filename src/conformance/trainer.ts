import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { digestBytes } from '../base/digest.ts';
import type { TrainContext, Trainer, TrainSpec } from '../ports/trainer.ts';
import { rejectsWith, type ConformanceCase } from './case.ts';

/** What a trainer's test provides. */
export interface TrainerContext {
  readonly trainer: Trainer;
  /** Params that train in a moment. */
  readonly params: Readonly<Record<string, Json>>;
  /** Params of which one value is not allowed. */
  readonly wrongParams: Readonly<Record<string, Json>>;
  /** Yields a spec with these params, the same rows each time, and a fresh output directory. */
  readonly spec: (params: Readonly<Record<string, Json>>) => Promise<TrainSpec>;
  /** What the surroundings lend. */
  readonly lend: (more: Pick<TrainContext, 'signal' | 'progress'>) => TrainContext;
}

const never = (): AbortSignal => new AbortController().signal;

async function trained({ trainer, params, spec, lend }: TrainerContext) {
  const shares: number[] = [];
  const made = await spec(trainer.resolveParams(params));
  const result = await trainer.train(
    made,
    lend({ signal: never(), progress: (share) => shares.push(share) }),
  );
  return { spec: made, result, shares };
}

/** Every demand of the trainer port. */
export const trainerCases: readonly ConformanceCase<TrainerContext>[] = [
  {
    name: 'params are filled once: what was given stays, and resolving again changes nothing',
    run: async ({ trainer, params }) => {
      const resolved = trainer.resolveParams(params);
      for (const [key, value] of Object.entries(params)) assert.deepEqual(resolved[key], value);
      assert.equal(canonicalJson(trainer.resolveParams(resolved)), canonicalJson(resolved));
    },
  },
  {
    name: 'a wrong param is TRAIN_PARAM',
    run: ({ trainer, wrongParams }) =>
      rejectsWith('TRAIN_PARAM', async () => trainer.resolveParams(wrongParams)),
  },
  {
    name: 'the model lies in the output directory, and the rows are untouched',
    run: async (context) => {
      const before = await context.spec(context.params);
      const rows = digestBytes(await readFile(before.trainPath));
      const { spec, result } = await trained(context);
      assert.equal(path.dirname(result.modelPath), spec.outputDirectory);
      assert.ok((await readFile(result.modelPath)).length > 0);
      assert.equal(digestBytes(await readFile(spec.trainPath)), rows);
      canonicalJson(result.facts);
    },
  },
  {
    name: 'the same spec gives the same model, curve and importances',
    run: async (context) => {
      const [one, other] = [await trained(context), await trained(context)];
      assert.ok((await readFile(one.result.modelPath)).equals(await readFile(other.result.modelPath)));
      assert.deepEqual(one.result.curve, other.result.curve);
      assert.deepEqual(one.result.importances, other.result.importances);
    },
  },
  {
    name: 'the curve is finite and its rounds rise; importances are shares of the features',
    run: async (context) => {
      const { spec, result } = await trained(context);
      const last = new Map<string, number>();
      for (const { round, metric, split, value } of result.curve) {
        assert.ok(Number.isFinite(value));
        assert.ok(round > (last.get(`${metric} ${split}`) ?? -1));
        last.set(`${metric} ${split}`, round);
      }
      const { importances } = result;
      if (importances === undefined) return;
      const names = new Set(spec.features.map(({ name }) => name));
      assert.ok(Object.keys(importances).every((name) => names.has(name)));
      assert.ok(Math.abs(Object.values(importances).reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
    },
  },
  {
    name: 'progress rises within [0, 1]',
    run: async (context) => {
      const { shares } = await trained(context);
      assert.ok(shares.every((share, place) => share >= (shares[place - 1] ?? 0) && share <= 1));
    },
  },
  {
    name: 'its own scores, when it gives them, are finite and one per row',
    run: async (context) => {
      const { spec, result } = await trained(context);
      const scores = await result.score?.(spec.trainPath);
      assert.ok(scores === undefined || (scores.length > 0 && scores.every(Number.isFinite)));
    },
  },
  {
    name: 'an abort ends the training with the reason of the abort',
    run: async ({ trainer, params, spec, lend }) => {
      const abort = new AbortController();
      const made = await spec(trainer.resolveParams(params));
      const reason = { why: 'the test says so' };
      abort.abort(reason);
      const training = trainer.train(made, lend({ signal: abort.signal, progress: () => {} }));
      await assert.rejects(training, (error) => error === reason);
    },
  },
];
