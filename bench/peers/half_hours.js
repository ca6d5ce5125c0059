'use strict'
// Half hours as both sources answer them; instants are numbers of half hours since 1970 inside.
const { GraphQLScalarType } = require('graphql')

const SLOT_MS = 1800e3
const QUALITIES = ['MISSING', 'PROVISIONAL', 'SETTLED', 'ESTIMATED']

const DateTime = new GraphQLScalarType({
  name: 'DateTime',
  serialize: text => text,
  parseValue: text => Date.parse(text) / SLOT_MS
})

const textOf = slot => new Date(slot * SLOT_MS).toISOString()

// Rows of consecutive half hours out of columns of equal length; a row ends where the next begins.
function rowsOf (first, wh, quality) {
  const rows = new Array(wh.length)
  let startAt = textOf(first)
  for (let i = 0; i < wh.length; i++) {
    const endAt = textOf(first + i + 1)
    const kwh = quality[i] === 0 ? null : wh[i] / 1000
    rows[i] = { startAt, endAt, kwh, yen: null, quality: QUALITIES[quality[i]] }
    startAt = endAt
  }
  return rows
}

module.exports = { DateTime, rowsOf }
