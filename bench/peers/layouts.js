'use strict'
// How usage is read from the database: Kenshin's documents of a day, or documents of a month that are
// made for the peers. A layout names the documents of a span and takes columns out of them.
const SLOTS_PER_DAY = 48
const TOKYO_SLOTS = 18
const MONTHS = 4096

const dayOf = slot => Math.floor((slot + TOKYO_SLOTS) / SLOTS_PER_DAY)
const dayKey = (facility, slot) => facility * 2 ** 17 + dayOf(slot)

function monthKey (facility, slot) {
  const date = new Date(dayOf(slot) * 86400e3)
  return facility * MONTHS + (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}

const viewOf = bytes => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

function copyDay (day, series) {
  const start = (day._id % 2 ** 16) * SLOTS_PER_DAY - TOKYO_SLOTS
  const wh = viewOf(day.wh)
  const state = viewOf(day.state)
  const end = Math.min(series.end, start + SLOTS_PER_DAY)
  for (let slot = Math.max(series.first, start); slot < end; slot++) {
    series.wh[slot - series.first] = wh.getInt32((slot - start) * 4, true)
    series.quality[slot - series.first] = state.getInt32((slot - start) * 4, true) & 3
  }
}

function copyMonth (month, series) {
  const wh = viewOf(month.wh)
  const end = Math.min(series.end, month.first + month.quality.length)
  for (let slot = Math.max(series.first, month.first); slot < end; slot++) {
    series.wh[slot - series.first] = wh.getInt32((slot - month.first) * 4, true)
    series.quality[slot - series.first] = month.quality[slot - month.first]
  }
}

module.exports = {
  days: {
    collection: 'usageDays',
    projection: { wh: 1, state: 1 },
    keyOf: dayKey,
    facilityOf: key => Math.floor(key / 2 ** 17),
    copy: copyDay
  },
  months: {
    collection: 'usageMonths',
    projection: { first: 1, wh: 1, quality: 1 },
    keyOf: monthKey,
    facilityOf: key => Math.floor(key / MONTHS),
    copy: copyMonth
  }
}
