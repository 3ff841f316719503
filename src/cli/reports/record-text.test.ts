import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainTerminal } from '../../../test/fixtures/plain-terminal.ts';
import { recordText } from './record-text.ts';

const terminal = plainTerminal(60);
const digest = 'ab'.repeat(32);

test('a record is one member per line, digests in short, times as dates', () => {
  const shown = recordText(terminal, {
    schemaVersion: 1,
    model: digest,
    atUs: 1_000_000,
    rate: 0.123456,
    none: null,
  });
  assert.deepEqual(shown.split('\n'), [
    'model  abababababab',
    'atUs  1970-01-01 00:00:01Z',
    'rate  0.1235',
    'none  –',
  ]);
});

test('a long list is cut short and says by how much', () => {
  const list = Array.from({ length: 90 }, (_, i) => ({ raw: digest, table: { rows: i } }));
  const shown = recordText(terminal, { batches: list });
  assert.match(shown, /… 84 more \(--json has them all\)$/);
  assert.match(shown, /^ {2}- raw {2}abababababab$/m);
  assert.doesNotMatch(recordText(terminal, { batches: list }, { items: Infinity }), /more/);
});

test('an expression reads as people write it', () => {
  const expression = {
    op: 'gte',
    args: [
      { op: 'column', name: 'delay', type: 'int64' },
      { op: 'literal', type: 'int64', value: 15 },
    ],
  };
  assert.equal(recordText(terminal, { label: expression }), 'label  gte(delay, 15)');
});

test('text that could be mistaken for something else is quoted', () => {
  assert.equal(recordText(terminal, { delimiter: ',', nullText: '' }), 'delimiter  ","\nnullText  ""');
});
