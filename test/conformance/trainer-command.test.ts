import { describe, test } from 'node:test';
import { openCommandTrainer } from '../../src/adapters/trainer/command.ts';
import { conformanceCases } from '../../src/conformance/case.ts';
import { trainerCases } from '../../src/conformance/trainer.ts';
import { lend, withTrainer } from '../fixtures/command-trainers.ts';

describe('trainer adapter command', () => {
  for (const one of conformanceCases(trainerCases, [])) {
    test(one.name, () =>
      withTrainer('works', ({ command, spec }) =>
        one.run({
          trainer: openCommandTrainer(),
          params: { command, depth: 3 },
          wrongParams: { command: 'node train.cjs' },
          spec,
          lend,
        }),
      ),
    );
  }
});
