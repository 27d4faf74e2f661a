'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const queries = require('./queries');

test('a bookmark stands for what has been seen', () => {
  const first = queries.bookmarkAfter(0, 25, undefined);
  assert.strictEqual(queries.skippedBy(first), 25);
  assert.strictEqual(queries.skippedBy(queries.bookmarkAfter(25, 3, first)), 28);
});

test('where nothing is found, the bookmark stays', () => {
  assert.strictEqual(queries.bookmarkAfter(0, 0, undefined), 'nil');
  assert.strictEqual(queries.bookmarkAfter(28, 0, 'MjM='), 'MjM=');
});

test('what is no bookmark of ours counts as none', () => {
  for (const bookmark of [undefined, '', 'nil', 'bm90aGluZw==']) {
    assert.strictEqual(queries.skippedBy(bookmark), undefined);
  }
});

test('a query is asked for one page', () => {
  const request = { body: { selector: {}, bookmark: 'NTA=', skip: 1, execution_stats: true } };
  queries.page(request, {}, () => {});
  assert.deepStrictEqual(request.body, { selector: {}, skip: 50, limit: 25 });
});
