'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const multipart = require('./multipart');

test('what is written is read back, byte for byte', () => {
  const binary = Buffer.from([0, 13, 10, 45, 45, 255]);
  const { contentType, body } = multipart.format([
    { headers: { 'Content-Type': 'application/json' }, body: Buffer.from('{}') },
    { headers: {}, body: binary },
    { headers: { 'X-Empty': '' }, body: Buffer.alloc(0) },
  ]);
  const parts = multipart.parse(contentType, body);
  assert.deepStrictEqual(
    parts.map((part) => part.headers),
    [{ 'content-type': 'application/json' }, {}, { 'x-empty': '' }],
  );
  assert.deepStrictEqual(
    parts.map((part) => part.body.toString('hex')),
    ['7b7d', binary.toString('hex'), ''],
  );
});

test('a message as Go writes it', () => {
  const message = Buffer.from(
    '--b\r\nContent-Type: application/json\r\n\r\n{"a":1}\r\n' +
      '--b\r\nContent-Disposition: attachment; filename="x y"\r\n\r\n\r\n--c\r\n--b--\r\n',
  );
  const [first, second] = multipart.parse('multipart/related; boundary="b"', message);
  assert.strictEqual(first.body.toString(), '{"a":1}');
  assert.strictEqual(second.body.toString(), '\r\n--c');
  const named = second.headers['content-disposition'];
  assert.strictEqual(multipart.parameter(named, 'filename'), 'x y');
});

test('what is no message is told', () => {
  assert.throws(() => multipart.parse('multipart/related', Buffer.alloc(0)), /no boundary/);
  for (const text of ['', '--b\r\n\r\nhalf', 'nothing']) {
    const read = () => multipart.parse('multipart/related; boundary=b', Buffer.from(text));
    assert.throws(read, /before its last boundary/);
  }
});
