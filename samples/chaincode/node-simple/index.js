'use strict';

const { Ledger } = require('./ledger');

module.exports.contracts = [Ledger];
