'use strict'
// Mercurius on Fastify, compiling queries at their first use.
const fastify = require('fastify')
const mercurius = require('mercurius')
const { schema, open, host, port } = require('./source')

async function main () {
  const { resolvers, contextOf } = await open()
  const app = fastify({ logger: false })
  app.register(mercurius, {
    schema,
    resolvers,
    context: request => contextOf(request.headers.authorization),
    jit: 1
  })
  await app.listen({ host, port })
}

main()
