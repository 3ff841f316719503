import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainTerminal } from '../../test/fixtures/plain-terminal.ts';
import type { RunEvent } from '../pipeline/runner.ts';
import type { Stage, Step } from '../records/step.ts';
import { openRunDisplay } from './run-display.ts';

function aStep(stage: Stage, change: Partial<Step> = {}): Step {
  return {
    id: 'step_1',
    runId: 'run_1',
    stage,
    subject: '',
    key: 'k',
    fields: {},
    state: 'done',
    epoch: 1,
    outputs: [],
    verdict: null,
    facts: { sizeBytes: 1000 },
    error: null,
    startedUs: 0,
    endedUs: 1,
    actor: 'me',
    ...change,
  };
}

const done = (step: Step): RunEvent => ({ kind: 'step', step, versions: [], elapsedMs: 1500, place: null });

function linesOf(events: readonly RunEvent[]): readonly string[] {
  const terminal = plainTerminal(100);
  const display = openRunDisplay(terminal);
  for (const event of events) display.onEvent(event);
  display.finish();
  display.finish();
  return terminal.written;
}

test('where nobody watches, each stage is one line when it has ended', () => {
  const lines = linesOf([
    { kind: 'stage', stage: 'ingest' },
    { kind: 'progress', stage: 'ingest', subject: 'a.csv', share: 0.5, note: 'reading' },
    done(aStep('ingest')),
    done(aStep('ingest')),
    { kind: 'stage', stage: 'validate' },
    done(aStep('validate', { verdict: 'fail', subject: 'a.csv', facts: { rows: 3 } })),
  ]);
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? '', /^✔ ingest {5}2 files, 2 kB {2}3\.0 s$/);
  assert.match(lines[1] ?? '', /^✘ validate .*stopped: a\.csv/);
});

test('a stage whose steps were all found again says so', () => {
  const lines = linesOf([{ kind: 'stage', stage: 'ingest' }, done(aStep('ingest', { state: 'reused' }))]);
  assert.match(lines[0] ?? '', /reused$/);
});

test('a stage that stopped on an error is never shown as passed', () => {
  const lines = linesOf([
    { kind: 'stage', stage: 'ingest' },
    done(aStep('ingest')),
    { kind: 'stopped', stage: 'ingest' },
  ]);
  assert.deepEqual(lines, ['✘ ingest     stopped after 1 finished step']);
  const empty = linesOf([
    { kind: 'stage', stage: 'train' },
    { kind: 'stopped', stage: 'train' },
  ]);
  assert.deepEqual(empty, ['✘ train      stopped']);
});
