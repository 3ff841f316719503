import type { Random } from '../../base/random.ts';
import type { BoostJob } from './boost-space.ts';
import type { Grower } from './grow.ts';
import { meet, shareStart } from './team.ts';

/** Puts the rows of the next tree to the front of `order`, all ascending; yields how many they are. */
export function sampleRows({ job, space, team }: Grower, random: Random): number {
  const { order, spareRight, sampledRows } = space;
  const fraction = job.params.rowFraction;
  if (fraction === 1) {
    const end = shareStart(job.rows, team.index + 1, team.size);
    for (let row = shareStart(job.rows, team.index, team.size); row < end; row++) order[row] = row;
    meet(team);
    return job.rows;
  }
  if (team.index === 0) {
    let taken = 0;
    let left = 0;
    for (let row = 0; row < job.rows; row++) {
      if (random.next() < fraction) order[taken++] = row;
      else spareRight[left++] = row;
    }
    order.set(spareRight.subarray(0, left), taken);
    sampledRows[0] = taken;
  }
  meet(team);
  return sampledRows[0]!;
}

/** Yields 1 for the features that the next tree may use, at least one. */
export function sampleFeatures({ categorical, params }: BoostJob, random: Random): Uint8Array {
  const count = categorical.length;
  const wanted = new Uint8Array(count).fill(1);
  const out = count - Math.max(1, Math.round(count * params.featureFraction));
  for (let dropped = 0; dropped < out;) {
    const feature = random.below(count);
    dropped += wanted[feature]!;
    wanted[feature] = 0;
  }
  return wanted;
}
