// Bookmarks of rich queries, which PouchDB does not know: here a bookmark is a number of documents
// to skip. Documents that come or go between two pages can so be seen twice or not at all.
'use strict';

const answers = require('./answers');

// What CouchDB takes where a query names no limit.
const LIMIT = 25;
// What CouchDB says where nothing was found.
const NONE = 'nil';

function page(request, response, next) {
  const { bookmark, execution_stats, ...query } = request.body;
  const skipped = skippedBy(bookmark) ?? query.skip ?? 0;
  request.body = { ...query, skip: skipped, limit: query.limit ?? LIMIT };
  answers.change(response, (answer) =>
    answer.docs
      ? { ...answer, bookmark: bookmarkAfter(skipped, answer.docs.length, bookmark) }
      : answer,
  );
  next();
}

// Returns the number of documents that a bookmark stands for, or undefined for none.
function skippedBy(bookmark) {
  if (!bookmark || bookmark === NONE) return undefined;
  const number = Number.parseInt(Buffer.from(bookmark, 'base64').toString(), 10);
  return Number.isNaN(number) ? undefined : number;
}

function bookmarkAfter(skipped, found, previous) {
  if (!found) return previous || NONE;
  return Buffer.from(String(skipped + found)).toString('base64');
}

module.exports = { page, skippedBy, bookmarkAfter };
