// MIME messages of several parts (RFC 2046), read from and written to buffers.
'use strict';

const { randomBytes } = require('node:crypto');

const LINE = '\r\n';
const EMPTY_LINE = LINE + LINE;

// Returns the parts of a message, each { headers, body }: headers by their names in lower case, the
// body a buffer. Throws an Error whose message is a sentence where the message has no boundary or
// no end.
function parse(contentType, message) {
  const boundary = parameter(contentType, 'boundary');
  if (!boundary) throw new Error('the message names no boundary');
  const separator = Buffer.from(`${LINE}--${boundary}`);
  // The first separator may stand at the very beginning, where no line ends.
  const text = Buffer.concat([Buffer.from(LINE), message]);
  const parts = [];
  let start = text.indexOf(separator);
  for (;;) {
    if (start < 0) throw new Error('the message ends before its last boundary');
    start += separator.length;
    if (text.toString('latin1', start, start + 2) === '--') return parts;
    const end = text.indexOf(separator, start);
    if (end >= 0) parts.push(part(text.subarray(start, end)));
    start = end;
  }
}

// Returns { contentType, body } of a message with these parts, each { headers, body } as above.
function format(parts) {
  const boundary = randomBytes(16).toString('hex');
  const chunks = parts.flatMap(({ headers, body }) => [
    Buffer.from(`--${boundary}${LINE}${lines(headers)}${LINE}`),
    body,
    Buffer.from(LINE),
  ]);
  return {
    contentType: `multipart/related; boundary="${boundary}"`,
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--`)]),
  };
}

// Returns a parameter of a header's value, such as the file name of a Content-Disposition.
function parameter(value, name) {
  const found = new RegExp(`;\\s*${name}="?([^";]*)"?`, 'i').exec(value ?? '');
  return found?.[1].trim();
}

function part(bytes) {
  // Headers begin after the end of the separator's line; with none, the empty line is that end.
  const end = bytes.indexOf(EMPTY_LINE);
  const headers = {};
  for (const line of bytes.toString('latin1', 0, end).split(LINE)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { headers, body: bytes.subarray(end + EMPTY_LINE.length) };
}

function lines(headers) {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}${LINE}`)
    .join('');
}

module.exports = { parse, format, parameter };
