// @backend
import { readFileSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson, type Json } from '../../base/canonical-json.ts';
import { digestBytes } from '../../base/digest.ts';
import { SluiceError } from '../../base/errors.ts';
import type { Trainer, TrainResult, TrainSpec } from '../../ports/trainer.ts';
import { planFeeds } from '../model/feed-plan.ts';
import { nullText } from '../model/model-text.ts';
import { inspectOnnx } from '../model/onnx-inspect.ts';
import { readCurve, readImportances } from './command-files.ts';
import { runGroup, type GroupEnd } from './command-group.ts';

/** Settings of the command trainer that tests change. */
export interface CommandTrainerOptions {
  /** How long a command may take to end after SIGTERM, default 5,000. */
  readonly graceMs?: number;
}

/**
 * Yields the trainer that runs any executable. Params: `command` (the executable and its arguments; no shell reads them),
 * `timeoutMs` (default: that of the spec), and any others, which are passed on.
 *
 * The command gets the path of a `spec.json` as its last argument: `{"schemaVersion": 1, "task", "trainPath",
 * "validationPath", "label", "features": [{"name", "kind"}], "params", "seed", "threads", "outputDirectory", "nullText"}`. It
 * leaves in `outputDirectory` a `model.onnx` and may leave `metrics.jsonl` and `importances.json`. The model has one input
 * [n, 1] per feature by name (numbers, or texts with `nullText` for NULL) or one matrix of the numeric features in their
 * order, and an output `score`, or the two probabilities of a classifier (export with zipmap=False).
 *
 * Files of the command inside the current directory (a script) are part of the resolved params by their digests, so that
 * an edited script is another training. All output goes to `trainer.log`.
 *
 * @example
 * openCommandTrainer().name; // 'command'
 */
export function openCommandTrainer(options: CommandTrainerOptions = {}): Trainer {
  return {
    name: 'command',
    version: '1',
    resolveParams: (params) => ({
      ...params,
      command: commandOf(params),
      commandFiles: commandFiles(commandOf(params)),
    }),
    async train(spec, context) {
      context.signal.throwIfAborted();
      const command = commandOf(spec.params);
      const timeoutMs = Math.min(spec.timeoutMs, timeoutOf(spec.params) ?? Infinity);
      const specPath = path.join(spec.outputDirectory, 'spec.json');
      await writeFile(specPath, specText(spec));
      context.progress(0, `running ${command.join(' ')}`);
      const logPath = path.join(spec.outputDirectory, 'trainer.log');
      const end = await runGroup({
        command: [...command, specPath],
        // Without these a run depends on the number of cores and on the order of Python's sets.
        env: { OMP_NUM_THREADS: String(spec.threads), PYTHONHASHSEED: '0', ...process.env },
        logPath,
        timeoutMs,
        graceMs: options.graceMs ?? 5000,
        signal: context.signal,
      });
      context.signal.throwIfAborted();
      const tail = checkEnd(end, { command: command.join(' '), timeoutMs });
      const result = await collect(spec, command, tail);
      context.progress(1, 'model read');
      return result;
    },
  };
}

function specText(spec: TrainSpec): string {
  const { command: _command, commandFiles: _files, timeoutMs: _timeout, ...params } = spec.params;
  const { task, trainPath, validationPath, label, features, seed, threads, outputDirectory } = spec;
  const facts = { task, trainPath, validationPath, label, features, params, seed, threads, outputDirectory };
  return canonicalJson({ schemaVersion: 1, ...facts, nullText });
}

/** Yields the last lines of a command that ended well. */
function checkEnd(end: GroupEnd, { command, timeoutMs }: { command: string; timeoutMs: number }): string {
  if (end.how === 'start') throw new SluiceError('TRAIN_START', { command, reason: end.reason });
  if (end.how === 'timeout') throw new SluiceError('TRAIN_TIMEOUT', { command, timeoutMs, output: end.tail });
  if (end.exit === 'exit code 0') return end.tail;
  throw new SluiceError('TRAIN_CRASHED', { command, exit: end.exit, output: end.tail });
}

async function collect(spec: TrainSpec, command: readonly string[], tail: string): Promise<TrainResult> {
  const modelPath = path.join(spec.outputDirectory, 'model.onnx');
  const bytes = await readFile(modelPath).catch(() => undefined);
  if (bytes === undefined) {
    throw new SluiceError('TRAIN_NO_MODEL', { command: command.join(' '), file: 'model.onnx', output: tail });
  }
  const facts = inspectOnnx(bytes);
  planFeeds(facts, spec);
  const curve = await readCurve(spec.outputDirectory);
  const importances = await readImportances(spec.outputDirectory, spec.features);
  const result = { modelPath, curve, facts: { command, opsets: facts.opsets } };
  return importances === undefined ? result : { ...result, importances };
}

function commandOf(params: Readonly<Record<string, Json>>): readonly string[] {
  timeoutOf(params);
  const { command } = params;
  const words = Array.isArray(command)
    ? command.filter((word) => typeof word === 'string' && word !== '')
    : [];
  if (Array.isArray(command) && words.length > 0 && words.length === command.length) return words as string[];
  const allowed = 'a list of texts, the executable first, such as ["python3", "train.py"]';
  throw new SluiceError('TRAIN_PARAM', { key: 'command', value: shown(command), allowed });
}

function timeoutOf({ timeoutMs }: Readonly<Record<string, Json>>): number | undefined {
  if (timeoutMs === undefined) return undefined;
  if (typeof timeoutMs === 'number' && timeoutMs > 0) return timeoutMs;
  throw new SluiceError('TRAIN_PARAM', {
    key: 'timeoutMs',
    value: shown(timeoutMs),
    allowed: 'a number of milliseconds above 0',
  });
}

function shown(value: Json | undefined): string {
  return JSON.stringify(value) ?? 'missing';
}

/** Yields the digests of the command's words that are files inside the current directory. */
function commandFiles(command: readonly string[]): Readonly<Record<string, string>> {
  const files = command.filter((word) => {
    const inside = path.relative(process.cwd(), path.resolve(word));
    const isInside = inside !== '' && !inside.startsWith('..') && !path.isAbsolute(inside);
    return isInside && statSync(word, { throwIfNoEntry: false })?.isFile() === true;
  });
  return Object.fromEntries(files.map((word) => [word, digestBytes(readFileSync(word))]));
}
