'use strict'
// Mercurius' subscriptions over its own Redis emitter.
const fastify = require('fastify')
const mercurius = require('mercurius')
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
      emitter: emitterOverRedis({ connectionString: redis }),
      async onConnect ({ payload }) {
        const member = await memberOf(payload.authorization)
        return member !== undefined && { member }
      }
    }
  })
  await app.listen({ host, port })
}

main()
