'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const exact = require('./exact');

test('whole numbers keep all digits', () => {
  const text = '{"a":18446744073709551615,"b":[-9007199254740993,9007199254740991,0.1],"c":"7"}';
  assert.strictEqual(exact.stringify(exact.parse(text)), text);
});

test('numbers that JavaScript has are numbers', () => {
  assert.deepStrictEqual(exact.parse('[1, -2, 1.5, 1e300, true, null, "18446744073709551615"]'), [
    1, -2, 1.5, 1e300, true, null, '18446744073709551615',
  ]);
});
