'use strict';

const { Contract } = require('fabric-contract-api');

/** A key-value ledger. What a function returns is sent as it is where it is a text. */
class Ledger extends Contract {
  /** What `pulumi up` calls on every peer after a commit. */
  async ping() {
    return 'pong';
  }

  async put(context, key, value) {
    await context.stub.putState(key, Buffer.from(value));
  }

  async get(context, key) {
    const value = await context.stub.getState(key);
    if (value.length === 0) {
      throw new Error(`there is no value for ${key}`);
    }
    return value.toString();
  }
}

module.exports.Ledger = Ledger;
