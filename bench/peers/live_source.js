'use strict'
// What the live Node peers share: their schema, where they listen, and who may hear of what.
const { createHash } = require('node:crypto')
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const DataLoader = require('dataloader')
const { MongoClient } = require('mongodb')

const hashOf = authorization =>
  createHash('sha256').update(authorization.slice('Bearer '.length)).digest()
const keyText = key => Buffer.isBuffer(key) ? key.toString('hex') : String(key)
const numberOf = id => +Buffer.from(id, 'base64url').toString().slice('Facility:'.length)

// Finds members by a key of their documents, in one command for all who ask at once.
function membersBy (collection, field, more) {
  const find = async keys => {
    const choice = { [field]: { $in: keys }, ...more() }
    const found = await collection.find(choice, { projection: { [field]: 1, member: 1 } }).toArray()
    const members = new Map(found.map(document => [keyText(document[field]), document.member]))
    return keys.map(key => members.get(keyText(key)))
  }
  return new DataLoader(find, { cache: false })
}

// Both checks that Kenshin makes at the start; without a database whoever comes may hear everything.
async function access () {
  if (!process.env.PEER_MONGODB_URL) return { memberOf: async () => 'anybody', check: async () => {} }
  const database = (await MongoClient.connect(process.env.PEER_MONGODB_URL, { promoteBuffers: true })).db()
  const lasting = () => ({ accessEndsAt: { $gt: new Date() } })
  const sessions = membersBy(database.collection('sessions'), 'accessHash', lasting)
  const facilities = membersBy(database.collection('facilities'), '_id', () => ({}))

  // Undefined for a token without a session.
  const memberOf = authorization => sessions.load(hashOf(authorization))

  async function check (member, facilityIds) {
    const owners = await facilities.loadMany(facilityIds.map(numberOf))
    if (owners.some(owner => owner !== member)) throw new Error('NOT_FOUND')
  }
  return { memberOf, check }
}

module.exports = {
  schema: readFileSync(join(__dirname, 'live.graphql'), 'utf8'),
  access,
  topicOf: facilityId => `${process.env.PEER_CHANNELS}:${facilityId}`,
  redis: process.env.PEER_REDIS_URL,
  host: '127.0.0.1',
  port: +process.env.PORT
}
