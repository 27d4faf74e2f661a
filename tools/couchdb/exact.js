// Whole numbers beyond 2^53, of which JavaScript keeps no last digits and CouchDB keeps all: Fabric's
// savepoint is 2^64-1 after a peer has joined a channel by a snapshot. In here they are texts that
// begin with a mark, and so compare as texts in rich queries.
'use strict';

const answers = require('./answers');

// Of the characters that Unicode leaves to whoever wants them.
const MARK = '\u{F8FF}integer:';
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, 'g');

// For JSON.parse: what stands for a number.
function reviver(key, value, { source }) {
  const rounded = typeof value === 'number' && /^-?\d+$/.test(source) && !Number.isSafeInteger(value);
  return rounded ? MARK + source : value;
}

function parse(text) {
  return JSON.parse(text, reviver);
}

function stringify(value) {
  return restore(JSON.stringify(value));
}

// Returns a text of JSON with the numbers that marked texts stand for.
function restore(text) {
  return text.includes(MARK) ? text.replace(MARKED, '$1') : text;
}

// Puts the numbers back into what is answered.
function answer(request, response, next) {
  const send = response.send;
  response.send = (body) => {
    response.send = send;
    const marked = Buffer.isBuffer(body) && body.includes(MARK);
    return response.send(marked ? Buffer.from(restore(body.toString())) : body);
  };
  next();
}

// Tells who sent no JSON.
function refuse(error, request, response, next) {
  if (error.type !== 'entity.parse.failed') return next(error);
  answers.json(response, 400, { error: 'bad_request', reason: 'invalid_json' });
}

module.exports = { answer, parse, refuse, reviver, stringify };
