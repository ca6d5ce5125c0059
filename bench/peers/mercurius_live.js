'use strict'
// Mercurius' subscriptions over its own Redis emitter.
const fastify = require('fastify')
const mercurius = require('mercurius')
const Redis = require('ioredis')
const emitterOverRedis = require('mqemitter-redis')
const { schema, access, topicOf, redis, host, port } = require('./live_source')

async function main () {
  const { memberOf, check } = await access()
  const app = fastify({ logger: false })
  app.register(mercurius, {
    schema,
    resolvers: {
      Subscription: {
        readings: {
          async subscribe (_, { facilityIds }, { member, pubsub }) {
            await check(member, facilityIds)
            return pubsub.subscribe(facilityIds.map(topicOf))
          }
        }
      }
    },
    jit: 1,
    subscription: {
      emitter: emitterOverRedis({
        // Who subscribes at once would be met by the check in the middle, and the process would end.
        subConn: new Redis(redis, { enableReadyCheck: false }),
        pubConn: new Redis(redis)
      }),
      async onConnect ({ payload }) {
        const member = await memberOf(payload.authorization)
        return member !== undefined && { member }
      }
    }
  })
  await app.listen({ host, port })
}

main()
