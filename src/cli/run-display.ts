import type { RunEvent } from '../pipeline/runner.ts';
import type { Stage, Step } from '../records/step.ts';
import { describeStep } from './reports/describe-step.ts';
import { count, duration } from './format.ts';
import { wrap } from './table.ts';
import type { Terminal } from './terminal.ts';

/** What of a stage is known while it runs. */
interface StageLine {
  readonly stage: Stage;
  readonly steps: Step[];
  elapsedMs: number;
  isStopped: boolean;
}

/** Turns the events of a run into lines: one for the stage at work, redrawn, then one for good. */
export interface RunDisplay {
  readonly onEvent: (event: RunEvent) => void;
  /** Writes the line of the last stage. */
  finish(): void;
}

const barWidth = 16;

/** Yields a display on the terminal; where nobody watches it writes one line per finished stage. */
export function openRunDisplay(terminal: Terminal): RunDisplay {
  let line: StageLine | null = null;
  const finish = (): void => {
    if (line !== null && (line.steps.length > 0 || line.isStopped)) terminal.note(stageText(terminal, line));
    line = null;
    terminal.settle();
  };
  const onEvent = (event: RunEvent): void => {
    if (event.kind === 'stage') {
      finish();
      line = { stage: event.stage, steps: [], elapsedMs: 0, isStopped: false };
    } else if (event.kind === 'progress') {
      terminal.live(`  ${event.stage.padEnd(10)} ${bar(event.share)} ${event.subject} ${event.note}`);
    } else if (line === null) {
      return;
    } else if (event.kind === 'stopped') {
      line.isStopped = true;
      finish();
    } else {
      line.steps.push(event.step);
      line.elapsedMs += event.elapsedMs;
      const { place, step } = event;
      const done =
        place === null
          ? String(line.steps.length)
          : `${bar(place.number / place.of)} ${place.number}/${place.of}`;
      terminal.live(`  ${step.stage.padEnd(10)} ${done} ${step.subject}`);
    }
  };
  return { onEvent, finish };
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * barWidth);
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${String(Math.round(share * 100)).padStart(3)} %`;
}

const stageIndent = ' '.repeat('✔ '.length + 10 + 1);
const marks = { pass: ['green', '✔'], fail: ['red', '✘'], inconclusive: ['yellow', '?'] } as const;

function stageText(terminal: Terminal, line: StageLine): string {
  if (line.isStopped) {
    const { length } = line.steps;
    const done = length === 0 ? '' : ` after ${count(length)} finished ${length === 1 ? 'step' : 'steps'}`;
    return `${terminal.style('red', '✘')} ${line.stage.padEnd(10)} stopped${done}`;
  }
  const worst = line.steps.some((step) => step.verdict === 'fail')
    ? 'fail'
    : line.steps.some((step) => step.verdict === 'inconclusive')
      ? 'inconclusive'
      : 'pass';
  const [colour, mark] = marks[worst];
  const isReused = line.steps.every((step) => step.state === 'reused');
  const time = isReused ? terminal.style('dim', 'reused') : duration(line.elapsedMs);
  const told = `${describeStep(line.stage, line.steps)}  ${time}`;
  // Lines of a log stay whole, so that it can be searched.
  const lines = terminal.isLive ? wrap(told, terminal.width - stageIndent.length) : [told];
  return `${terminal.style(colour, mark)} ${line.stage.padEnd(10)} ${lines.join(`\n${stageIndent}`)}`;
}
