import type { Json } from '../../base/canonical-json.ts';
import { loadConfig } from '../../pipeline/load-config.ts';
import { loopParts } from '../../pipeline/loop.ts';
import { provenanceOf } from '../../pipeline/provenance.ts';
import { runLoop, type RunResult } from '../../pipeline/runner.ts';
import { isKind } from '../../pipeline/step-plan.ts';
import type { Version, VersionKind } from '../../records/version.ts';
import type { Project } from '../open-project.ts';
import { openRunDisplay } from '../run-display.ts';
import type { Terminal } from '../terminal.ts';

/** What the story claims, and whether the records bear it out. */
export interface Claim {
  readonly claim: string;
  readonly holds: boolean;
  readonly seen: string;
}

/** One chapter as told: what ran, what it showed. */
export interface Chapter {
  readonly title: string;
  readonly seconds: number;
  readonly claims: readonly Claim[];
  readonly figures: Readonly<Record<string, Json>>;
}

/** What every chapter works with. */
export interface Stage {
  readonly project: Project;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly isFast: boolean;
}

/** Runs the loop of the demo's project, as `sluice run` does, and shows its progress. */
export async function runDemoLoop(stage: Stage, overrides: readonly string[]): Promise<RunResult> {
  const { project, terminal, signal } = stage;
  const { projectDirectory } = project;
  const loop = await loadConfig({ projectDirectory, overrides, environment: {} });
  const display = openRunDisplay(terminal);
  try {
    return await runLoop({
      loop,
      surroundings: project,
      parts: loopParts,
      provenance: await provenanceOf({ projectDirectory, loop }),
      signal,
      onEvent: display.onEvent,
    });
  } finally {
    display.finish();
  }
}

/** Yields the newest version of a kind that a run made or reused. */
export function madeBy<Kind extends VersionKind>(result: RunResult, kind: Kind): Version<Kind> | undefined {
  return [...result.versions.values()].flat().findLast((one): one is Version<Kind> => isKind(one, kind));
}

/** Yields a claim that a figure lies at or above a bar; an undefined figure never does. */
export function claimAtLeast(what: string, value: number | null | undefined, bar: number): Claim {
  return {
    claim: `${what} is at least ${bar}`,
    holds: value != null && value >= bar,
    seen: value == null ? 'undefined' : value.toFixed(4),
  };
}
