// A stand-in for CouchDB as Fabric's peers use it: PouchDB on LevelDB behind CouchDB's interface.
//
//   node server.js [--address 0.0.0.0] [--port 5984] [--data /opt/couchdb/data]
//
// COUCHDB_USER and COUCHDB_PASSWORD name the one user. It ends on SIGTERM, after what is under way.
'use strict';

const { mkdirSync } = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { application } = require('./application');
const { version } = require('./package.json');

const PouchDB = require('pouchdb-core')
  .plugin(require('pouchdb-mapreduce'))
  .plugin(require('pouchdb-replication'))
  .plugin(require('pouchdb-adapter-leveldb'));

function main() {
  const { values: chosen } = parseArgs({
    options: {
      address: { type: 'string', default: '0.0.0.0' },
      port: { type: 'string', default: '5984' },
      data: { type: 'string', default: '/opt/couchdb/data' },
    },
  });
  const { COUCHDB_USER: name, COUCHDB_PASSWORD: password } = process.env;
  if (!name || !password) {
    console.error('error: set COUCHDB_USER and COUCHDB_PASSWORD, the name and password of the admin');
    process.exit(1);
  }
  mkdirSync(chosen.data, { recursive: true });
  const databases = PouchDB.defaults({ adapter: 'leveldb', prefix: `${path.resolve(chosen.data)}/` });
  const server = application(databases, { name, password }).listen(
    Number(chosen.port),
    chosen.address,
    () => console.log(`stand-in for CouchDB ${version} at ${chosen.address}:${chosen.port}`),
  );
  server.on('error', (error) => {
    console.error(`error: ${error.message}`);
    process.exit(1);
  });
  // Peers keep connections for later; one that ends just as it is used again is an error to them.
  server.keepAliveTimeout = 0;
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => stop(server));
}

function stop(server) {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
}

main();
