'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const documents = require('./documents');
const multipart = require('./multipart');

const DOCUMENT = {
  _id: 'a',
  _attachments: {
    valueBytes: { content_type: 'application/octet-stream', data: 'AP8=' },
    text: { content_type: 'text/plain', data: 'aGk=' },
  },
};

test('attachments travel in a message and back', () => {
  const { contentType, body } = documents.toMessage(DOCUMENT);
  assert.deepStrictEqual(documents.fromMessage(contentType, body), DOCUMENT);
  const [first] = multipart.parse(contentType, body);
  const about = JSON.parse(first.body)._attachments.text;
  assert.deepStrictEqual(about, { content_type: 'text/plain', follows: true });
});

test('attachments without a name come in the order of the document', () => {
  const named = { one: { follows: true, content_type: 'a/b' }, two: { follows: true } };
  const { contentType, body } = multipart.format([
    { headers: {}, body: Buffer.from(JSON.stringify({ _attachments: named })) },
    { headers: {}, body: Buffer.from('1') },
    { headers: { 'Content-Type': 'c/d' }, body: Buffer.from('2') },
  ]);
  assert.deepStrictEqual(documents.fromMessage(contentType, body)._attachments, {
    one: { content_type: 'a/b', data: 'MQ==' },
    two: { content_type: 'c/d', data: 'Mg==' },
  });
});

test('an attachment that the document does not name is refused', () => {
  const { contentType, body } = multipart.format([
    { headers: {}, body: Buffer.from('{}') },
    { headers: { 'Content-Disposition': 'attachment; filename="x"' }, body: Buffer.from('1') },
  ]);
  assert.throws(() => documents.fromMessage(contentType, body), /does not name the attachment x/);
});

test('the revision in If-Match counts for changes only', () => {
  for (const [method, expected] of [['PUT', '1-a'], ['DELETE', '1-a'], ['GET', undefined]]) {
    const request = { method, headers: { 'if-match': '"1-a"' }, query: {} };
    documents.revisionOfRequest(request, {}, () => {});
    assert.strictEqual(request.query.rev, expected);
  }
});
