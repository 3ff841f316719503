import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import {
  aChain,
  aModel,
  anEvaluation,
  commit,
  commitChain,
  digestOfDraft,
  openExample,
  type Example,
} from '../../test/fixtures/example-ledger.ts';

let example: Example;
beforeEach(async () => {
  example = await openExample();
});
afterEach(() => example.close());

const move = { loop: 'late', alias: 'champion', reason: 'try' } as const;

test('an alias has the value of its newest event, and every event stays', async () => {
  const jan = await commitChain(example, 'jan');
  const feb = await commitChain(example, 'feb');
  const { aliases } = example.ledger;
  const current = await aliases.current('late', 'champion');
  assert.equal(current?.model, digestOfDraft(feb.model));
  assert.equal(current.previous, digestOfDraft(jan.model));
  assert.equal(current.evidence, digestOfDraft(feb.decision));
  assert.deepEqual([current.actor, current.atUs], ['tester', example.clock.nowUs()]);
  assert.deepEqual(
    (await aliases.history('late')).map((event) => [event.sequence, event.model]),
    [
      [2, digestOfDraft(feb.model)],
      [1, digestOfDraft(jan.model)],
    ],
  );
  assert.equal(await aliases.current('late', 'candidate'), null);
  assert.deepEqual(await aliases.history('other'), []);
});

test('a model goes by its alias, its digest or a prefix', async () => {
  const { model, batch } = await commitChain(example, 'jan');
  const { aliases } = example.ledger;
  const digest = digestOfDraft(model);
  for (const name of ['champion', digest, digest.slice(0, 16)]) {
    assert.equal((await aliases.resolve('late', name)).digest, digest);
  }
  await assert.rejects(aliases.resolve('late', 'candidate'), { code: 'LEDGER_ALIAS_UNSET', kind: 'missing' });
  await assert.rejects(aliases.resolve('late', digestOfDraft(batch)), { code: 'LEDGER_VERSION_MISSING' });
});

test('an override rests on the newest decision about the model, else on its evaluation', async () => {
  const jan = await commitChain(example, 'jan');
  const feb = await commitChain(example, 'feb');
  const { aliases } = example.ledger;
  const back = await aliases.override({ ...move, model: digestOfDraft(jan.model), reason: 'roll back' });
  assert.equal(back.evidence, digestOfDraft(jan.decision));
  assert.equal(back.previous, digestOfDraft(feb.model));
  assert.equal(back.reason, 'roll back');
  const judged = await aModel(example.blob, 'judged', jan.trainingSet);
  const evaluation = await anEvaluation(example.blob, 'judged', {
    model: judged,
    trainingSet: jan.trainingSet,
  });
  await commit(example, 'train', [judged, evaluation]);
  const event = await aliases.override({ ...move, model: digestOfDraft(judged) });
  assert.equal(event.evidence, digestOfDraft(evaluation));
});

test('no alias moves without evidence about that very model', async () => {
  const jan = await commitChain(example, 'jan');
  const unjudged = await aModel(example.blob, 'unjudged', jan.trainingSet);
  const rival = await aModel(example.blob, 'rival', jan.trainingSet);
  // To have been the champion in somebody else's evaluation is no evidence.
  const evaluation = await anEvaluation(example.blob, 'rival', {
    model: rival,
    trainingSet: jan.trainingSet,
    champion: unjudged,
  });
  await commit(example, 'train', [unjudged, rival, evaluation]);
  const { aliases } = example.ledger;
  const model = digestOfDraft(unjudged);
  await assert.rejects(aliases.override({ ...move, model }), { code: 'LEDGER_NO_EVIDENCE', kind: 'state' });
  for (const aliasMoves of [
    [{ ...move, model, evidence: digestOfDraft(jan.batch) }],
    [{ ...move, model, evidence: 'f'.repeat(64) }],
  ]) {
    await assert.rejects(commit(example, 'register', [], { aliasMoves }), { code: 'LEDGER_NO_EVIDENCE' });
  }
  await assert.rejects(aliases.override({ ...move, model: 'f'.repeat(64) }), {
    code: 'LEDGER_NO_EVIDENCE',
  });
  assert.equal((await aliases.history('late')).length, 1);
});

test('an alias that moved meanwhile is not moved over', async () => {
  const jan = await commitChain(example, 'jan');
  const feb = await aChain(example.blob, 'feb');
  const { batch, validation, dataset, trainingSet, model, evaluation, decision } = feb;
  const versions = [batch, validation, dataset, trainingSet, model, evaluation, decision];
  const aliasMove = { ...move, model: digestOfDraft(model), evidence: digestOfDraft(decision) };
  await assert.rejects(
    commit(example, 'register', versions, { aliasMoves: [{ ...aliasMove, expected: null }] }),
    { code: 'LEDGER_ALIAS_MOVED', kind: 'conflict' },
  );
  // Nothing of the refused step is there, the versions neither.
  await assert.rejects(example.ledger.versions.get(digestOfDraft(model)), { code: 'LEDGER_VERSION_MISSING' });
  const expected = digestOfDraft(jan.model);
  await commit(example, 'register', versions, { aliasMoves: [{ ...aliasMove, expected }] });
  assert.equal((await example.ledger.aliases.current('late', 'champion'))?.model, digestOfDraft(model));
  const missing = { ...aliasMove, model: 'f'.repeat(64) };
  await assert.rejects(commit(example, 'register', [], { aliasMoves: [missing] }), {
    code: 'LEDGER_VERSION_MISSING',
  });
});
