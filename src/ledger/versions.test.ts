import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import * as fc from 'fast-check';
import {
  aBatch,
  aChain,
  commit,
  commitChain,
  digestOfDraft,
  openExample,
  runSql,
  type Example,
} from '../../test/fixtures/example-ledger.ts';
import type { VersionDraft } from '../records/version.ts';

let example: Example;
beforeEach(async () => {
  example = await openExample();
});
afterEach(() => example.close());

test('a version is found by its digest, by a unique prefix and by kind', async () => {
  const { batch } = await commitChain(example, 'jan');
  const digest = digestOfDraft(batch);
  const found = await example.ledger.versions.get(digest, 'batch');
  assert.equal(found.digest, digest);
  assert.deepEqual(found.content, batch.content);
  assert.deepEqual(found.blobs, batch.blobs);
  assert.equal(found.actor, 'tester');
  assert.deepEqual(found.provenance, { commit: 'abc' });
  assert.equal((await example.ledger.versions.get(digest.slice(0, 20))).digest, digest);
});

test('a missing version is named with its kind', async () => {
  const { batch } = await commitChain(example, 'jan');
  const asked = digestOfDraft(batch);
  for (const prefix of ['no hex', '', `${asked}0`, "'"]) {
    await assert.rejects(example.ledger.versions.get(prefix), { code: 'LEDGER_VERSION_MISSING' });
  }
  await assert.rejects(example.ledger.versions.get(asked, 'model'), {
    code: 'LEDGER_VERSION_MISSING',
    kind: 'missing',
    message: `There is no model version ${asked}.`,
  });
});

test('an ambiguous prefix lists the candidates', async () => {
  const drafts = await Promise.all(Array.from({ length: 17 }, (_, i) => aBatch(example.blob, `day ${i}`)));
  await commit(example, 'ingest', drafts);
  const digests = drafts.map(digestOfDraft);
  // Of seventeen digests two begin with the same digit.
  const digit = '0123456789abcdef'
    .split('')
    .find((one) => digests.filter((digest) => digest.startsWith(one)).length > 1);
  assert.ok(digit !== undefined);
  await assert.rejects(example.ledger.versions.get(digit, 'batch'), (error: Error & { code: string }) => {
    assert.equal(error.code, 'LEDGER_AMBIGUOUS');
    const candidates = digests.filter((digest) => digest.startsWith(digit));
    return candidates.filter((digest) => error.message.includes(digest)).length >= 2;
  });
});

test('versions are found newest first, up to the limit, and by loop', async () => {
  const drafts = await Promise.all(['a', 'b', 'c'].map((name) => aBatch(example.blob, name)));
  await commit(example, 'ingest', drafts);
  const { ledger, lease } = example;
  const other = await ledger.journal.startRun({ loop: 'other', config: {}, lease });
  const theirs = await aBatch(example.blob, 'd');
  await commit(example, 'ingest', [theirs], { runId: other.id });
  const names = (found: readonly { readonly content: { readonly name: string } }[]): string[] =>
    found.map((version) => version.content.name);
  assert.deepEqual(names(await ledger.versions.find({ kind: 'batch' })), ['d', 'c', 'b', 'a']);
  assert.deepEqual(names(await ledger.versions.find({ kind: 'batch', limit: 2 })), ['d', 'c']);
  assert.deepEqual(names(await ledger.versions.find({ kind: 'batch', loop: 'late' })), ['c', 'b', 'a']);
  assert.deepEqual(await ledger.versions.find({ kind: 'model' }), []);
});

test('a record that was changed in the catalog is corrupt', async () => {
  const { batch, model } = await commitChain(example, 'jan');
  const digest = digestOfDraft(batch);
  const changes = [
    ['content', '{"schemaVersion":1}'],
    ['content', 'no json'],
    ['kind', 'potion'],
    ['kind', 'dataset'],
    ['provenance', '[]'],
    ['provenance', '{'],
  ];
  for (const [column, value = ''] of changes) {
    const before = await runSql(example.tables, `select ${column} as old from versions where digest = ?`, [
      digest,
    ]);
    await runSql(example.tables, `update versions set ${column} = ? where digest = ?`, [value, digest]);
    await assert.rejects(example.ledger.versions.get(digest), {
      code: 'LEDGER_RECORD_CORRUPT',
      kind: 'corrupt',
    });
    await runSql(example.tables, `update versions set ${column} = ? where digest = ?`, [
      String(before[0]?.['old']),
      digest,
    ]);
  }
  assert.equal((await example.ledger.versions.get(digest)).digest, digest);
  assert.equal((await example.ledger.versions.get(digestOfDraft(model))).kind, 'model');
});

test('lineage leads from a decision back to its batch and from the batch to everything made of it', async () => {
  const chain = await commitChain(example, 'jan');
  const other = await commitChain(example, 'feb');
  const { versions } = example.ledger;
  const back = await versions.ancestors(digestOfDraft(chain.decision));
  assert.deepEqual(new Set(back.map((edge) => edge.parentKind)), kindsBefore('decision'));
  assert.ok(back.every((edge) => edge.parent !== digestOfDraft(other.batch)));
  const onward = await versions.descendants(digestOfDraft(chain.batch));
  assert.deepEqual(onward, back);
  assert.deepEqual(
    (await versions.parents(digestOfDraft(chain.evaluation))).map((edge) => edge.role),
    ['trainingSet', 'model'],
  );
  assert.deepEqual(
    (await versions.children(digestOfDraft(chain.model))).map((edge) => edge.childKind),
    ['evaluation', 'decision'],
  );
  assert.deepEqual(await versions.ancestors(digestOfDraft(chain.batch)), []);
});

function kindsBefore(kind: string): Set<string> {
  const kinds = ['batch', 'validation', 'dataset', 'trainingSet', 'model', 'evaluation', 'decision'];
  return new Set(kinds.slice(0, kinds.indexOf(kind)));
}

test('ancestors and descendants of any graph are those found by walking it', async () => {
  const graph = fc.array(fc.array(fc.nat(1000), { maxLength: 3 }), { minLength: 1, maxLength: 12 });
  let round = 0;
  const property = fc.asyncProperty(graph, async (parentsOf) => {
    round += 1;
    const drafts: VersionDraft<'batch'>[] = [];
    for (const [i, chosen] of parentsOf.entries()) {
      const parents = drafts.filter((_, at) => chosen.some((one) => one % i === at));
      const links = parents.map((draft) => ({ digest: digestOfDraft(draft), role: 'batch' }));
      drafts.push(await aBatch(example.blob, `${round} ${i}`, links));
    }
    await commit(example, 'ingest', drafts, { key: String(round) });
    const edges = drafts.flatMap((draft) =>
      draft.parents.map(({ digest }) => `${digestOfDraft(draft)} ${digest}`),
    );
    for (const draft of drafts) {
      const digest = digestOfDraft(draft);
      const back = await example.ledger.versions.ancestors(digest);
      assert.deepEqual(back.map((edge) => `${edge.child} ${edge.parent}`).sort(), walk(edges, digest, 0));
      const onward = await example.ledger.versions.descendants(digest);
      assert.deepEqual(onward.map((edge) => `${edge.child} ${edge.parent}`).sort(), walk(edges, digest, 1));
    }
  });
  await fc.assert(property, { numRuns: 15, seed: 7 });
});

/** `near` is the end at which a walk enters an edge: 0 the child, 1 the parent. */
function walk(edges: readonly string[], start: string, near: 0 | 1): string[] {
  const reached = new Set([start]);
  const found = new Set<string>();
  for (const digest of reached) {
    for (const edge of edges) {
      const ends = edge.split(' ');
      if (ends[near] !== digest) continue;
      found.add(edge);
      reached.add(ends[1 - near] ?? '');
    }
  }
  return [...found].sort();
}

test('the same content committed again stays as it was first made, and gains the new lineage', async () => {
  const { batch } = await aChain(example.blob, 'jan');
  const [first] = await commit(example, 'ingest', [batch], { key: 'first' });
  const parent = await aBatch(example.blob, 'older');
  example.clock.advanceUs(5);
  const again = { ...batch, parents: [{ digest: digestOfDraft(parent), role: 'replaces' }] };
  const [, second] = await commit(example, 'ingest', [parent, again, batch], { key: 'second' });
  assert.deepEqual({ ...second, parents: [] }, first);
  assert.deepEqual(second?.parents, again.parents);
});
