'use strict'
// GraphQL Yoga on Node's own HTTP server, with its plugin that compiles queries.
const { createServer } = require('node:http')
const { useGraphQlJit } = require('@envelop/graphql-jit')
const { createSchema, createYoga } = require('graphql-yoga')
const { schema, open, host, port } = require('./source')

async function main () {
  const { resolvers, contextOf } = await open()
  const yoga = createYoga({
    schema: createSchema({ typeDefs: schema, resolvers }),
    context: ({ request }) => contextOf(request.headers.get('authorization')),
    plugins: [useGraphQlJit()],
    graphiql: false,
    landingPage: false,
    logging: false
  })
  createServer(yoga).listen(port, host)
}

main()
