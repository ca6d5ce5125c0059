'use strict'
// A source that reads session, facilities and usage from MongoDB for every request.
const { createHash } = require('node:crypto')
const DataLoader = require('dataloader')
const { MongoClient } = require('mongodb')
const { DateTime, rowsOf } = require('./half_hours')
const layouts = require('./layouts')

const BATCH = 20000

const idOf = number => Buffer.from(`Facility:${number}`).toString('base64url')
const numberOf = id => +Buffer.from(id, 'base64url').toString().slice('Facility:'.length)
const facilityOf = ({ _id, member }) => ({ id: idOf(_id), number: _id, owner: member })

// Answers of many spans in one command.
function usageReader (collection, layout) {
  return async spans => {
    const ranges = spans.map(({ number, from, to }) => ({
      _id: { $gte: layout.keyOf(number, from), $lte: layout.keyOf(number, to - 1) }
    }))
    const choice = ranges.length === 1 ? ranges[0] : { $or: ranges }
    const options = { projection: layout.projection, batchSize: BATCH, promoteBuffers: true }
    const found = new Map(spans.map(({ number }) => [number, []]))
    for (const document of await collection.find(choice, options).toArray()) {
      found.get(layout.facilityOf(document._id)).push(document)
    }
    return spans.map(({ number, from, to }) => {
      const length = to - from
      const series = { first: from, end: to, wh: new Int32Array(length), quality: new Uint8Array(length) }
      for (const document of found.get(number)) layout.copy(document, series)
      return { points: rowsOf(from, series.wh, series.quality) }
    })
  }
}

module.exports = async function mongo () {
  const database = (await MongoClient.connect(process.env.PEER_MONGODB_URL)).db()
  const [sessions, members, facilities] =
    ['sessions', 'members', 'facilities'].map(name => database.collection(name))
  const layout = layouts[process.env.PEER_LAYOUT]
  const readUsage = usageReader(database.collection(layout.collection), layout)

  async function memberOf ({ authorization }) {
    const hash = createHash('sha256').update(authorization.slice('Bearer '.length)).digest()
    const choice = { accessHash: hash, accessEndsAt: { $gt: new Date() } }
    const session = await sessions.findOne(choice, { projection: { _id: 0, member: 1 } })
    if (session === null) throw new Error('UNAUTHENTICATED')
    return session.member
  }

  const projection = { member: 1 }
  const resolvers = {
    DateTime,
    Query: {
      async viewer (_, _arguments, context) {
        const member = await members.findOne({ _id: await memberOf(context) }, { projection: { _id: 1 } })
        return member && { id: member._id }
      },
      async facility (_, { id }, context) {
        const member = await memberOf(context)
        const found = await facilities.findOne({ _id: numberOf(id) }, { projection })
        if (found?.member !== member) throw new Error('NOT_FOUND')
        return facilityOf(found)
      }
    },
    Member: {
      async facilities ({ id }, { first }) {
        const options = { projection, sort: { _id: 1 }, limit: first }
        return { nodes: (await facilities.find({ member: id }, options).toArray()).map(facilityOf) }
      }
    },
    Facility: {
      usage: ({ number }, { from, to }, { usage }) => usage.load({ number, from, to })
    }
  }
  const contextOf = authorization => ({
    authorization,
    usage: new DataLoader(readUsage, { cache: false })
  })
  return { resolvers, contextOf }
}
