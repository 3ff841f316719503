import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import {
  aBatch,
  aChain,
  begin,
  commit,
  digestOfDraft,
  openExample,
  putText,
  type Example,
} from '../../test/fixtures/example-ledger.ts';
import type { VersionDraft } from '../records/version.ts';

let example: Example;
beforeEach(async () => {
  example = await openExample();
});
afterEach(() => example.close());

test('a finished step yields its versions in order and stays in the journal', async () => {
  const drafts = await Promise.all(['b', 'a', 'c'].map((name) => aBatch(example.blob, name)));
  const step = await begin(example, 'ingest');
  example.clock.advanceUs(7);
  const versions = await example.ledger.journal.finishStep({
    step,
    lease: example.lease,
    outcome: { versions: drafts, verdict: 'inconclusive', facts: { rows: 3 } },
    provenance: {},
  });
  assert.deepEqual(
    versions.map((version) => version.digest),
    drafts.map(digestOfDraft),
  );
  const [kept] = await example.ledger.journal.steps(step.runId);
  assert.deepEqual(kept, {
    ...step,
    state: 'done',
    outputs: drafts.map(digestOfDraft),
    verdict: 'inconclusive',
    facts: { rows: 3 },
    endedUs: step.startedUs + 7,
  });
});

test('a step that has ended ends only once', async () => {
  const step = await begin(example, 'ingest');
  const { lease } = example;
  const finish = { step, lease, outcome: { versions: [], verdict: null, facts: {} }, provenance: {} };
  await example.ledger.journal.finishStep(finish);
  await assert.rejects(example.ledger.journal.finishStep(finish), {
    code: 'LEDGER_STEP_ENDED',
    kind: 'state',
    message: `The step ${step.id} is done already; only a running step can end.`,
  });
  const unknown = { ...step, id: 'step_0' };
  await assert.rejects(example.ledger.journal.finishStep({ ...finish, step: unknown }), {
    code: 'LEDGER_STEP_ENDED',
  });
});

test('a malformed record is refused before anything is written', async () => {
  const batch = await aBatch(example.blob, 'jan');
  const malformed = { ...batch, content: { ...batch.content, sizeBytes: -1 } };
  await assert.rejects(commit(example, 'ingest', [batch, malformed]), {
    code: 'LEDGER_DRAFT_INVALID',
    kind: 'bug',
  });
  assert.deepEqual(await example.ledger.versions.find({ kind: 'batch' }), []);
});

test('a version may refer only to parents and bytes that are there', async () => {
  const orphan = await aBatch(example.blob, 'jan', [{ digest: 'f'.repeat(64), role: 'batch' }]);
  await assert.rejects(commit(example, 'ingest', [orphan]), { code: 'LEDGER_VERSION_MISSING' });
  const hollow = await aBatch(example.blob, 'feb');
  await example.blob.remove(hollow.content.raw);
  await assert.rejects(commit(example, 'ingest', [hollow]), { code: 'BLOB_MISSING' });
  assert.deepEqual(await example.ledger.versions.find({ kind: 'batch' }), []);
});

test('content that names a version or bytes must carry the edge or the reference', async () => {
  const chain = await aChain(example.blob, 'jan');
  const drafts: readonly VersionDraft[] = Object.values(chain);
  const gaps = [
    ...drafts.filter((draft) => draft.blobs.length > 0).map((draft) => ({ ...draft, blobs: [] })),
    ...[chain.trainingSet, chain.model, chain.evaluation, chain.decision].map((draft) => ({
      ...draft,
      parents: draft.parents.slice(1),
    })),
  ];
  assert.equal(gaps.length, 10);
  for (const gap of gaps) {
    const others = drafts.filter((draft) => draft.kind !== gap.kind);
    await assert.rejects(commit(example, 'train', [...others, gap]), {
      code: 'LEDGER_LINEAGE_GAP',
      kind: 'bug',
    });
  }
  const { evaluation } = chain;
  const champion = 'f'.repeat(64);
  const content = { ...evaluation.content, champion };
  await assert.rejects(commit(example, 'train', [...drafts, { ...evaluation, content }]), {
    code: 'LEDGER_LINEAGE_GAP',
    message: `A new evaluation record refers to champion ${champion} but does not name it as parent.`,
  });
  assert.equal((await commit(example, 'train', drafts)).length, 7);
});

test('a step may make more versions than one statement can carry', async () => {
  const raw = await putText(example.blob, 'jan');
  const { content } = await aBatch(example.blob, 'jan');
  const drafts = Array.from({ length: 1201 }, (_, i): VersionDraft => {
    return { kind: 'batch', content: { ...content, name: String(i) }, parents: [], blobs: [raw] };
  });
  const versions = await commit(example, 'ingest', drafts);
  assert.deepEqual(
    versions.map((version) => version.digest),
    drafts.map(digestOfDraft),
  );
});
