// Changing what the application behind answers, before it is sent.
'use strict';

// Calls change(answer) with the object that is about to be sent as JSON. What it returns is sent in
// its place; where it returns nothing, it has sent something itself.
function change(response, change) {
  const send = response.send;
  response.send = (body) => {
    response.send = send;
    const answer = read(body);
    if (answer === undefined) return response.send(body);
    const changed = change(answer);
    // A buffer: to a text Express would add a character set, which CouchDB does not name.
    return changed === undefined ? response : response.send(Buffer.from(JSON.stringify(changed)));
  };
}

function json(response, status, content) {
  // Not set(), which adds a character set.
  response.status(status).setHeader('Content-Type', 'application/json');
  response.send(Buffer.from(JSON.stringify(content)));
}

function read(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

module.exports = { change, json };
