// Documents as CouchDB speaks of them and PouchDB's server does not: their revisions in headers,
// their attachments as parts of a message. Fabric reads the revision from ETag and writes it to
// If-Match, and keeps every value that is no JSON object as an attachment.
'use strict';

const answers = require('./answers');
const exact = require('./exact');
const multipart = require('./multipart');

// The path of a document; of the names with an underscore only these two are documents.
const DOCUMENT = /^\/[^/]+\/(?:[^_/]|_design\/|_local\/)/;
const MESSAGE = /^multipart\/related\b/i;

// Takes the revision that a change is based on from the header: PouchDB looks into the query only.
function revisionOfRequest(request, response, next) {
  const based = request.headers['if-match'];
  if (based && ['PUT', 'DELETE'].includes(request.method)) {
    request.query.rev = based.replaceAll('"', '');
  }
  next();
}

// Reads a document that comes with its attachments as a message of several parts. The raw body has
// been read into a buffer; PouchDB gets a document with its attachments in base64.
function attachmentsOfRequest(request, response, next) {
  const type = request.headers['content-type'];
  if (request.method !== 'PUT' || !MESSAGE.test(type) || !DOCUMENT.test(request.path)) {
    return next();
  }
  try {
    request.body = fromMessage(type, request.body);
  } catch (error) {
    return answers.json(response, 400, { error: 'bad_request', reason: error.message });
  }
  request.headers['content-type'] = 'application/json';
  next();
}

// Puts the document's revision into the answer's ETag; sends attachments as parts of a message, if
// they are asked for so.
function answer(request, response, next) {
  if (!['GET', 'HEAD', 'PUT'].includes(request.method) || !DOCUMENT.test(request.path)) {
    return next();
  }
  const asMessage =
    request.method === 'GET' &&
    request.query.attachments === 'true' &&
    /multipart\/related/i.test(request.headers.accept);
  answers.change(response, (document) => {
    const revision = document._rev ?? document.rev;
    if (response.statusCode < 300 && revision) response.set('ETag', `"${revision}"`);
    if (!asMessage || !document._attachments) return document;
    const { contentType, body } = toMessage(document);
    response.setHeader('Content-Type', contentType);
    response.end(body);
    return undefined;
  });
  next();
}

// Returns the document in a message: the first part is the document, the others are what its
// attachments hold, named by the file name, or in the order in which the document names them.
function fromMessage(contentType, message) {
  const [first, ...rest] = multipart.parse(contentType, message);
  const document = exact.parse(first?.body ?? '');
  const following = Object.entries(document._attachments ?? {}).filter(([, one]) => one.follows);
  const names = following.map(([name]) => name);
  rest.forEach(({ headers, body }, number) => {
    const name = multipart.parameter(headers['content-disposition'], 'filename') ?? names[number];
    const named = document._attachments?.[name];
    if (!named) throw new Error(`the document does not name the attachment ${name}`);
    const type = named.content_type ?? headers['content-type'] ?? 'application/octet-stream';
    document._attachments[name] = { content_type: type, data: body.toString('base64') };
  });
  return document;
}

// Returns { contentType, body } of the message with a document whose attachments are in base64.
function toMessage(document) {
  const attachments = Object.entries(document._attachments);
  const named = attachments.map(([name, { data, ...about }]) => [name, { ...about, follows: true }]);
  const first = {
    headers: { 'Content-Type': 'application/json' },
    body: Buffer.from(exact.stringify({ ...document, _attachments: Object.fromEntries(named) })),
  };
  const rest = attachments.map(([name, { content_type: type, data }]) => {
    const body = Buffer.from(data, 'base64');
    const headers = {
      'Content-Disposition': `attachment; filename="${name}"`,
      'Content-Type': type,
      'Content-Length': body.length,
    };
    return { headers, body };
  });
  return multipart.format([first, ...rest]);
}

module.exports = {
  MESSAGE,
  revisionOfRequest,
  attachmentsOfRequest,
  answer,
  fromMessage,
  toMessage,
};
