// The HTTP interface: PouchDB's server, with what Fabric peers need beyond it.
'use strict';

const { timingSafeEqual, createHash } = require('node:crypto');
const express = require('express');
const expressPouchDB = require('express-pouchdb');
const answers = require('./answers');
const documents = require('./documents');
const exact = require('./exact');
const queries = require('./queries');
const { version } = require('./package.json');

// Fabric lets a chaincode's value be as large as a gRPC message, 100 MB; base64 makes more of it.
const LARGEST = '200mb';

// Returns the Express application on databases of the class PouchDB, for one user { name, password }
// who may do everything.
function application(PouchDB, admin) {
  const app = express();
  // Of its own accord Express would put digests of bodies there, where Fabric reads revisions.
  app.disable('etag');
  app.disable('x-powered-by');
  app.get('/_up', (request, response) => answers.json(response, 200, { status: 'ok' }));
  app.use(authenticate(admin));
  app.get('/', (request, response) => answers.json(response, 200, welcome()));
  app.use(exact.answer);
  app.use(express.json({ limit: LARGEST, strict: false, reviver: exact.reviver }), exact.refuse);
  app.use(express.raw({ type: (request) => isMessage(request), limit: LARGEST }));
  app.use(documents.revisionOfRequest, documents.attachmentsOfRequest, documents.answer);
  app.post('/:db/_find', express.json({ type: () => true, limit: LARGEST, reviver: exact.reviver }), queries.page);
  app.use(server(PouchDB));
  return app;
}

function server(PouchDB) {
  const inner = expressPouchDB(PouchDB, {
    mode: 'minimumForPouchDB',
    overrideMode: { include: ['routes/find', 'routes/security'], exclude: ['compression'] },
  });
  inner.disable('etag');
  return inner;
}

function authenticate({ name, password }) {
  const expected = digest(`Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`);
  return (request, response, next) => {
    // Digests have one length, which the comparison in constant time asks for.
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return next();
    response.set('WWW-Authenticate', 'Basic realm="server"');
    answers.json(response, 401, {
      error: 'unauthorized',
      reason: 'Name or password is incorrect.',
    });
  };
}

function isMessage(request) {
  return request.method === 'PUT' && documents.MESSAGE.test(request.headers['content-type']);
}

function welcome() {
  return { couchdb: 'Welcome', version, vendor: { name: 'a stand-in on PouchDB' } };
}

function digest(text) {
  return createHash('sha256').update(text).digest();
}

module.exports = { application };
