'use strict'
// graphql-ws on ws, with a hub of its own: one Redis connection, whose messages are parsed once.
const { buildSchema } = require('graphql')
const { useServer } = require('graphql-ws/use/ws')
const Redis = require('ioredis')
const { WebSocketServer } = require('ws')
const { schema: text, access, topicOf, redis, host, port } = require('./live_source')

const NEVER = 0
const QUEUED = 16
const PATIENCE_MS = 60000

class Hub {
  constructor (url) {
    this.redis = new Redis(url)
    this.listeners = new Map()
    this.redis.on('message', (topic, message) => {
      const event = JSON.parse(message)
      for (const listener of this.listeners.get(topic) ?? []) listener.push(event)
    })
  }

  async join (topic, listener) {
    const known = this.listeners.get(topic)
    if (known) known.add(listener)
    else {
      this.listeners.set(topic, new Set([listener]))
      await this.redis.subscribe(topic)
    }
  }

  leave (topic, listener) {
    const known = this.listeners.get(topic)
    if (known.delete(listener) && known.size === 0) {
      this.listeners.delete(topic)
      this.redis.unsubscribe(topic)
    }
  }
}

// Events of topics; of those that are not taken the newest are kept.
class Events {
  constructor (hub, topics) {
    this.hub = hub
    this.topics = topics
    this.queue = []
    this.waiting = null
  }

  async open () {
    await Promise.all(this.topics.map(topic => this.hub.join(topic, this)))
    return this
  }

  push (value) {
    if (this.waiting) {
      this.waiting({ value, done: false })
      this.waiting = null
    } else {
      if (this.queue.length === QUEUED) this.queue.shift()
      this.queue.push(value)
    }
  }

  next () {
    if (this.queue.length) return Promise.resolve({ value: this.queue.shift(), done: false })
    return new Promise(resolve => { this.waiting = resolve })
  }

  return () {
    for (const topic of this.topics) this.hub.leave(topic, this)
    this.waiting?.({ value: undefined, done: true })
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator] () {
    return this
  }
}

async function main () {
  const { memberOf, check } = await access()
  const hub = new Hub(redis)
  const schema = buildSchema(text)
  schema.getSubscriptionType().getFields().readings.subscribe = async (_, { facilityIds }, { member }) => {
    await check(member, facilityIds)
    return new Events(hub, facilityIds.map(topicOf)).open()
  }
  const sockets = new WebSocketServer({ host, port, path: '/graphql' })
  useServer({
    schema,
    connectionInitWaitTimeout: PATIENCE_MS,
    async onConnect ({ connectionParams, extra }) {
      extra.member = await memberOf(connectionParams.authorization)
      return extra.member !== undefined
    },
    context: ({ extra }) => extra
  }, sockets, NEVER)
}

main()
