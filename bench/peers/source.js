'use strict'
// What a Node peer serves, and where: by its environment.
const { readFileSync } = require('node:fs')
const { join } = require('node:path')

module.exports = {
  schema: readFileSync(join(__dirname, 'schema.graphql'), 'utf8'),
  open: process.env.PEER_MONGODB_URL ? require('./mongo') : require('./memory'),
  host: '127.0.0.1',
  port: +process.env.PORT
}
