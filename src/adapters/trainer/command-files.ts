import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SluiceError } from '../../base/errors.ts';
import type { CurvePoint, FeatureColumn } from '../../ports/trainer.ts';

/**
 * Yields the training curve a command left as `metrics.jsonl`, one `{"round", "metric", "split", "value"}` per line; none
 * without the file.
 *
 * @throws TRAIN_OUTPUT naming the line
 */
export async function readCurve(directory: string): Promise<readonly CurvePoint[]> {
  const text = await readOptional(path.join(directory, 'metrics.jsonl'));
  const points: CurvePoint[] = [];
  for (const [place, line] of (text ?? '').split('\n').entries()) {
    if (line.trim() === '') continue;
    const found = parsed('metrics.jsonl', line, `line ${place + 1}`);
    if (!isCurvePoint(found)) {
      const reason = `line ${place + 1} is not {"round": number, "metric": text, "split": "train" | "validation", "value": number}`;
      throw new SluiceError('TRAIN_OUTPUT', { file: 'metrics.jsonl', reason });
    }
    const { round, metric, split, value } = found;
    points.push({ round, metric, split, value });
  }
  return points;
}

/**
 * Yields the importances a command left as `importances.json`, `{"feature": number >= 0}`, scaled to sum to 1 with 0 for
 * features it does not name; undefined without the file.
 *
 * @throws TRAIN_OUTPUT for another form, a name that is no feature, a negative number, or all zeros
 */
export async function readImportances(
  directory: string,
  features: readonly FeatureColumn[],
): Promise<Readonly<Record<string, number>> | undefined> {
  const file = 'importances.json';
  const text = await readOptional(path.join(directory, file));
  if (text === undefined) return undefined;
  const found = parsed(file, text, 'it');
  if (typeof found !== 'object' || found === null) throw unreadable(file, 'it is no object');
  const given = new Map(Object.entries(found));
  for (const [name, value] of given) {
    if (!features.some((feature) => feature.name === name)) throw unreadable(file, `"${name}" is no feature`);
    if (typeof value !== 'number' || value < 0)
      throw unreadable(file, `"${name}" is ${String(value)}, a number >= 0 is allowed`);
  }
  const values = features.map(({ name }) => Number(given.get(name) ?? 0));
  const total = values.reduce((sum, value) => sum + value, 0);
  if (!(total > 0)) throw unreadable(file, 'all importances are 0');
  return Object.fromEntries(features.map(({ name }, place) => [name, (values[place] ?? 0) / total]));
}

async function readOptional(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

function parsed(file: string, text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(file, `${place} is no JSON`);
  }
}

function unreadable(file: string, reason: string): SluiceError {
  return new SluiceError('TRAIN_OUTPUT', { file, reason });
}

function isCurvePoint(found: unknown): found is CurvePoint {
  if (typeof found !== 'object' || found === null) return false;
  const { round, metric, split, value } = found as Record<string, unknown>;
  const isNamed = typeof metric === 'string' && (split === 'train' || split === 'validation');
  return isNamed && Number.isInteger(round) && typeof value === 'number';
}
